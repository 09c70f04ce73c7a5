using ClawFS.Search.Lexical;

namespace ClawFS.Search.Ranking;

/// <summary>Makes one ranking of several lists, each best first. Of equal scores the chunk that comes first in the first list is first.</summary>
internal static class Fusion
{
    private const int RankOffset = 60;

    /// <summary>Weighted sum of standard scores: how much better a chunk is than the rest of a list counts, not only that it is.</summary>
    /// <param name="lexical">Chunks that have words of the query.</param>
    /// <param name="vectors">Chunks with near vectors.</param>
    /// <param name="vectorPart">The vectors' part beside full text's 1; at 0 they only follow behind.</param>
    /// <param name="neighbours">Full text's best chunks by what resembles them (<see cref="NeighbourScores"/>); may be empty.</param>
    /// <param name="neighbourPart">The neighbours' part.</param>
    internal static List<ScoredChunk> Sum(ReadOnlySpan<ScoredChunk> lexical, ReadOnlySpan<ScoredChunk> vectors, float vectorPart, ReadOnlySpan<ScoredChunk> neighbours, float neighbourPart)
    {
        StandardScores words = new(lexical), near = new(vectors), around = new(neighbours);
        return Ranked(lexical, vectors, chunk => words[chunk] + (vectorPart * near[chunk]) + (neighbourPart * around[chunk]));
    }

    /// <summary>Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): the sum of 1 / (60 + rank). Robust where scores say nothing; weak where one list is.</summary>
    internal static List<ScoredChunk> ReciprocalRanks(ReadOnlySpan<ScoredChunk> lexical, ReadOnlySpan<ScoredChunk> vectors)
    {
        Dictionary<uint, float> scores = [];
        AddRanks(lexical, scores);
        AddRanks(vectors, scores);
        return Ranked(lexical, vectors, chunk => scores[chunk]);
    }

    private static void AddRanks(ReadOnlySpan<ScoredChunk> list, Dictionary<uint, float> scores)
    {
        for (int rank = 0; rank < list.Length; rank++)
            scores[list[rank].Chunk] = scores.GetValueOrDefault(list[rank].Chunk) + (1f / (RankOffset + rank + 1));
    }

    private static List<ScoredChunk> Ranked(ReadOnlySpan<ScoredChunk> lexical, ReadOnlySpan<ScoredChunk> vectors, Func<uint, float> score)
    {
        List<ScoredChunk> all = new(lexical.Length + vectors.Length);
        HashSet<uint> seen = [];
        foreach (ScoredChunk chunk in lexical)
        {
            if (seen.Add(chunk.Chunk))
                all.Add(new ScoredChunk(chunk.Chunk, score(chunk.Chunk)));
        }

        foreach (ScoredChunk chunk in vectors)
        {
            if (seen.Add(chunk.Chunk))
                all.Add(new ScoredChunk(chunk.Chunk, score(chunk.Chunk)));
        }

        // Stable, unlike List.Sort.
        return [.. all.OrderByDescending(static chunk => chunk.Score)];
    }
}
