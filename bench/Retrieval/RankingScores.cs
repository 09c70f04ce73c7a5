namespace ClawOS.Bench.Retrieval;

/// <summary>Means over queries. Gain 2^grade - 1, discount log2(rank + 1), ideal from all judged documents; recall and reciprocal rank of documents with a grade above 0.</summary>
/// <param name="Ndcg">nDCG at 10.</param>
/// <param name="Recall">Recall at 10.</param>
/// <param name="Mrr">Reciprocal rank of the first answer within 10.</param>
internal readonly record struct RankingScores(double Ndcg, double Recall, double Mrr)
{
    private const int Depth = 10;

    internal static RankingScores Of(RetrievalCollection collection, Func<string, List<int>> rank)
    {
        double ndcg = 0, recall = 0, mrr = 0;
        int count = collection.Queries.Count;
        foreach ((string text, Dictionary<string, int> judged) in collection.Queries)
        {
            List<int> found = rank(text);
            (double dcg, int hits, int first) = (0, 0, 0);
            for (int i = 0; i < Math.Min(Depth, found.Count); i++)
            {
                int grade = found[i] < collection.Documents.Count ? judged.GetValueOrDefault(collection.Documents[found[i]].Id) : 0;
                dcg += Gain(grade, i);
                hits += grade > 0 ? 1 : 0;
                first = first == 0 && grade > 0 ? i + 1 : first;
            }

            ndcg += dcg / judged.Values.OrderDescending().Take(Depth).Select(Gain).Sum();
            recall += (double)hits / judged.Count;
            mrr += first > 0 ? 1.0 / first : 0;
        }

        return new RankingScores(ndcg / count, recall / count, mrr / count);
    }

    private static double Gain(int grade, int index) => (Math.Pow(2, grade) - 1) / Math.Log2(index + 2);
}
