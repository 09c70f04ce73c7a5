using ClawFS.Vectors;
using ClawOS.Bench.Hnsw.Data;
using ClawOS.Bench.Hnsw.Results;

namespace ClawOS.Bench.Hnsw.Stages;

/// <summary>Removal of 60 % and repair, at random and by whole neighbourhoods, beside a fresh index of what is left; then filters of every share, at random and by neighbourhood.</summary>
internal sealed class ChangeStage(HnswRows rows, int passes)
{
    private const double Removed = 0.6;
    private static readonly double[] s_shares = [0.5, 0.2, 0.1, 0.03, 0.01, 0.001];

    public void Run(DataSet data)
    {
        using ClawIndex index = ClawIndex.Make(data, new HnswOptions());
        Filters(data, index);
        Remove(data, index, "random", Shuffled(data.Base.Length));
        using ClawIndex again = ClawIndex.Make(data, new HnswOptions());
        Remove(data, again, "clusters", ByNearness(data));
    }

    /// <summary>Labels in an order in which the first part is a few whole neighbourhoods, as a removed folder is.</summary>
    private static uint[] ByNearness(DataSet data)
    {
        Random random = new(5);
        float[][] centres = [.. Enumerable.Range(0, 50).Select(_ => data.Base[random.Next(data.Base.Length)])];
        return [.. Enumerable.Range(0, data.Base.Length)
            .OrderBy(i => Enumerable.Range(0, centres.Length).MaxBy(c => DenseMath.Dot(centres[c], data.Base[i])))
            .Select(i => (uint)i)];
    }

    private static uint[] Shuffled(int count)
    {
        uint[] labels = [.. Enumerable.Range(0, count).Select(i => (uint)i)];
        new Random(3).Shuffle(labels);
        return labels;
    }

    private void Remove(DataSet data, ClawIndex index, string kind, uint[] order)
    {
        int removed = (int)(order.Length * Removed);
        foreach (uint label in order.Take(removed))
            index.Index.Remove(label);
        LabelBitmap left = new((uint)order.Length);
        foreach (uint label in order.Skip(removed))
            left.Add(label);
        uint[][] truth = Truth(data, left);
        Point dead = index.Search(64, truth);
        double start = ProcessorTime.Now;
        while (index.Index.Repair(10_000))
            continue;
        double repair = ProcessorTime.Now - start;
        DataSet rest = data with { Base = [.. order.Skip(removed).Order().Select(label => data.Base[label])] };
        uint[] labels = [.. order.Skip(removed).Order()];
        uint[][] restTruth = [.. truth.Select(found => found.Select(label => (uint)Array.BinarySearch(labels, label)).ToArray())];
        using ClawIndex fresh = ClawIndex.Make(rest, new HnswOptions());
        (List<Point> repaired, List<Point> anew) = Turns.Take(passes, ef => index.Search(ef, truth), ef => fresh.Search(ef, restTruth));
        foreach (double recall in (double[])[0.90, 0.95])
            rows.AtLeast($"{data.Name} qps@{recall:F2} repaired, {kind}", Curve.QpsAt(repaired, recall), "/s", "fresh index", Curve.QpsAt(anew, recall), 0.95);
        rows.Show($"{data.Name} qps ef 64 before repair, {kind}", dead.Qps, "/s", "fresh index", anew.First(point => point.Ef == 64).Qps);
        rows.Show($"{data.Name} repair of a removed slot, {kind}", repair / removed * 1e6, "us", "insert", fresh.Built.Seconds / rest.Base.Length * 1e6);
    }

    private void Filters(DataSet data, ClawIndex index)
    {
        uint[] random = Shuffled(data.Base.Length), near = ByNearness(data);
        uint[][] whole = GroundTruth.Of(data);
        double open = index.Search(64, whole).Qps;
        foreach ((string kind, uint[] order) in (IEnumerable<(string, uint[])>)[("random", random), ("clusters", near)])
        {
            foreach (double share in s_shares)
            {
                LabelBitmap filter = new((uint)order.Length);
                foreach (uint label in order.Take((int)(order.Length * share)))
                    filter.Add(label);
                Point point = index.Search(64, Truth(data, filter), filter);
                rows.AtLeast($"{data.Name} filter {share:P1} {kind} recall", point.Recall, "", "limit", 1, 0.97);
                rows.Show($"{data.Name} filter {share:P1} {kind} qps", point.Qps, "/s", "no filter", open);
            }
        }
    }

    private static uint[][] Truth(DataSet data, LabelBitmap filter)
    {
        uint[][] truth = new uint[data.Queries.Length][];
        Parallel.For(0, truth.Length, i => truth[i] = GroundTruth.Nearest(data, i, filter));
        return truth;
    }
}
