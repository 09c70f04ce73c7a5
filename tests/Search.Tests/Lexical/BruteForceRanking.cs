using ClawFS.Search.Lexical;

namespace ClawFS.Search.Tests.Lexical;

/// <summary>BM25 as its formula says, over all chunks: what the index is compared with.</summary>
internal sealed class BruteForceRanking
{
    private readonly Dictionary<uint, Dictionary<int, int>> _chunks = [];

    internal IReadOnlyCollection<uint> Chunks => _chunks.Keys;

    internal void Add(uint chunk, IEnumerable<int> terms) => _chunks[chunk] = terms.GroupBy(static term => term).ToDictionary(static group => group.Key, static group => group.Count());

    internal bool Remove(uint chunk) => _chunks.Remove(chunk);

    internal List<(uint Chunk, double Score)> Search(IEnumerable<QueryTerm> query, Func<uint, bool> allowed)
    {
        double average = _chunks.Values.Average(static terms => (double)terms.Values.Sum());
        Dictionary<int, double> idf = query.ToDictionary(static term => term.Term, term =>
        {
            int having = _chunks.Values.Count(terms => terms.ContainsKey(term.Term));
            return Math.Log(1 + ((_chunks.Count - having + 0.5) / (having + 0.5)));
        });
        return [.. _chunks.Where(pair => allowed(pair.Key)).Select(pair =>
        {
            double norm = 1.2 * (1 - 0.75 + (0.75 * pair.Value.Values.Sum() / average));
            return (pair.Key, query.Where(term => pair.Value.ContainsKey(term.Term)).Sum(term => term.Weight * idf[term.Term] * pair.Value[term.Term] * 2.2 / (pair.Value[term.Term] + norm)));
        }).Where(static pair => pair.Item2 > 0).OrderByDescending(static pair => pair.Item2).ThenBy(static pair => pair.Key)];
    }
}
