using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Tuning;

namespace ClawFS.Search.Tests.Tuning;

public sealed class WidthMeasurementTests
{
    private const int Dimensions = 12;
    private readonly List<float[]> vectors = [];

    [Fact]
    public void The_least_width_that_reaches_the_recall_is_chosen_and_two_more_are_shown()
    {
        Fill(1500);
        TuningReport report = Measure(0.9);
        Assert.Equal((1500, Dimensions, TuningQueries.Count), (report.Vectors, report.Dimensions, report.Queries));
        // The search below finds one of the true ten for each ten of its width.
        Assert.Equal(96, report.Chosen);
        Assert.Equal([10, 16, 24, 32, 48, 64, 96, 128, 192], report.Rows.Select(row => row.EfSearch));
        Assert.Equal([0.1, 0.1, 0.2, 0.3, 0.4, 0.6, 0.9, 1, 1], report.Rows.Select(row => Math.Round(row.Recall, 3)));
        Assert.All(report.Rows, row => Assert.True(row.MedianMicroseconds > 0));
    }

    [Fact]
    public void When_no_width_reaches_it_none_is_chosen_and_all_are_shown()
    {
        Fill(1200);
        TuningReport report = Measure(1, most: 9);
        Assert.Null(report.Chosen);
        Assert.Equal(4000, report.Rows[^1].EfSearch);
        Assert.Equal(0.9, report.Rows[^1].Recall, 3);
    }

    [Fact]
    public void Too_few_vectors_are_refused_by_number()
    {
        Fill(999);
        TuningException refused = Assert.Throws<TuningException>(() => Measure(0.9));
        Assert.Contains("999 passages", refused.Message);
        Assert.Contains("1000 are wanted", refused.Message);
    }

    [Fact]
    public void It_can_be_stopped()
    {
        Fill(1000);
        Assert.Throws<OperationCanceledException>(() => Measure(0.9, stop: true));
    }

    [Fact]
    public void Vectors_that_go_meanwhile_are_left_out()
    {
        Fill(1100);
        vectors[5] = [];
        Assert.NotNull(Measure(0.5).Chosen);
    }

    private void Fill(int count)
    {
        Random random = Seed.Random();
        for (int i = 0; i < count; i++)
        {
            float[] vector = [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
            float length = MathF.Sqrt(vector.Sum(value => value * value));
            vectors.Add([.. vector.Select(value => value / length)]);
        }
    }

    private TuningReport Measure(double recall, int most = 10, bool stop = false) =>
        new WidthMeasurement(Copy, width => Near(Math.Min(width / 10, most)), Dimensions).Run([.. Enumerable.Range(0, vectors.Count).Select(i => (uint)i)], recall, _ => { }, new CancellationToken(stop));

    private bool Copy(uint label, Span<float> into) => vectors[(int)label].AsSpan().TryCopyTo(into) && vectors[(int)label].Length > 0;

    /// <summary>Finds so many of the true ten, in plain arithmetic, and nothing else that counts.</summary>
    private VectorSearch Near(int found) => (query, _, results) =>
    {
        float[] wanted = query.ToArray();
        uint[] best = [.. Enumerable.Range(0, vectors.Count).Where(i => vectors[i].Length > 0).OrderByDescending(i => wanted.Zip(vectors[i], (a, b) => (double)a * b).Sum()).Take(found).Select(i => (uint)i)];
        for (int i = 0; i < best.Length; i++)
        {
            results[i] = new ScoredChunk(best[i], 1);
        }
        return best.Length;
    };
}
