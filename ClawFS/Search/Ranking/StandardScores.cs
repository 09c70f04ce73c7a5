using ClawFS.Search.Lexical;

namespace ClawFS.Search.Ranking;

/// <summary>A list's scores as distances from their mean in standard deviations. A chunk that is not in the list stands with its last one.</summary>
internal sealed class StandardScores
{
    private readonly Dictionary<uint, float> _scores;
    private readonly float _least;

    internal StandardScores(ReadOnlySpan<ScoredChunk> list)
    {
        double sum = 0, squares = 0;
        foreach (ScoredChunk chunk in list)
        {
            sum += chunk.Score;
            squares += (double)chunk.Score * chunk.Score;
        }

        double mean = list.Length == 0 ? 0 : sum / list.Length;
        double deviation = list.Length == 0 ? 1 : Math.Sqrt(Math.Max(0, (squares / list.Length) - (mean * mean))) + 1e-9;
        _scores = new Dictionary<uint, float>(list.Length);
        foreach (ScoredChunk chunk in list)
        {
            float score = (float)((chunk.Score - mean) / deviation);
            _scores[chunk.Chunk] = score;
            _least = Math.Min(_least, score);
        }
    }

    internal float this[uint chunk] => _scores.GetValueOrDefault(chunk, _least);
}
