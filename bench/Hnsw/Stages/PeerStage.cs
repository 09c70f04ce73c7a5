using ClawFS.Vectors;
using ClawOS.Bench.Hnsw.Data;
using ClawOS.Bench.Hnsw.Peers;
using ClawOS.Bench.Hnsw.Results;

namespace ClawOS.Bench.Hnsw.Stages;

/// <summary>Build, search and memory beside hnswlib on the same vectors, M = 16 and efConstruction = 200; passes take turns, so that a loaded moment meets both.</summary>
internal sealed class PeerStage(HnswRows rows, string folder, int passes)
{
    private const int M = 16;
    private const int EfConstruction = 200;
    private static readonly double[] s_recalls = [0.90, 0.95, 0.99];

    /// <summary>Runs it.</summary>
    /// <param name="data">The vectors.</param>
    /// <param name="floors">The least ratio of speed at each of the recalls 0.90, 0.95 and 0.99 in the resident mode; null: shown only.</param>
    /// <param name="compact">Whether the compact mode is measured too.</param>
    /// <param name="faiss">Whether faiss is.</param>
    public void Run(DataSet data, double?[] floors, bool compact, bool faiss)
    {
        uint[][] truth = GroundTruth.Of(data);
        using PeerLibrary peer = PeerLibrary.Hnswlib(data, folder);
        Build peerBuild = peer.Build(M, EfConstruction, 1);
        using ClawIndex resident = ClawIndex.Make(data, new HnswOptions { M = M, EfConstruction = EfConstruction });
        (List<Point> ours, List<Point> theirs) = Turns.Take(passes, ef => resident.Search(ef, truth), ef => peer.Search(ef, truth));
        Keep(data, "claw", "resident", resident.Built, ours);
        Keep(data, peer.Name, "f32", peerBuild, theirs);
        for (int i = 0; i < s_recalls.Length; i++)
            Compare($"{data.Name} qps@{s_recalls[i]:F2} resident", ours, theirs, s_recalls[i], floors[i], peer.Name);
        rows.AtLeast($"{data.Name} build speed", data.Base.Length / resident.Built.Seconds, "/s", peer.Name, data.Base.Length / peerBuild.Seconds, 1.8);
        rows.AtMost($"{data.Name} insert p99", resident.Built.P99, "us", peer.Name, peerBuild.P99, 0.5);
        rows.AtMost($"{data.Name} memory resident", resident.Built.Bytes, "B/vec", peer.Name, peerBuild.Bytes, 1.2);
        double worst = ours.Zip(theirs).Min(pair => pair.First.Recall - pair.Second.Recall);
        rows.AtLeast($"{data.Name} least recall above peer + 0.005", 1 + worst + 0.005, "1+x", "limit", 1, 1);
        if (compact)
            Compact(data, truth, peerBuild, theirs);
        if (faiss)
        {
            using PeerLibrary other = PeerLibrary.Faiss(data, folder);
            Build build = other.Build(M, EfConstruction, 1);
            List<Point> points = [.. Hnsw.Curve.Widths.Select(ef => Enumerable.Range(0, passes).Select(_ => other.Search(ef, truth)).MaxBy(point => point.Qps))];
            Keep(data, other.Name, "f32", build, points);
            foreach (double recall in s_recalls)
                Compare($"{data.Name} qps@{recall:F2} resident", ours, points, recall, null, other.Name);
            rows.Show($"{data.Name} build speed", data.Base.Length / resident.Built.Seconds, "/s", other.Name, data.Base.Length / build.Seconds);
        }
    }

    private void Compact(DataSet data, uint[][] truth, Build peerBuild, List<Point> theirs)
    {
        using StoredVectors stored = new(Path.Combine(folder, $"stored-{Environment.ProcessId}"), data.Base);
        using ClawIndex compact = ClawIndex.Make(data, new HnswOptions { M = M, EfConstruction = EfConstruction, Storage = VectorStorage.Compact }, stored: stored);
        List<Point> ours = compact.Curve(truth, passes);
        Keep(data, "claw", "compact", compact.Built, ours);
        foreach (double recall in s_recalls)
            Compare($"{data.Name} qps@{recall:F2} compact", ours, theirs, recall, 0.5, "hnswlib");
        rows.AtMost($"{data.Name} memory compact", compact.Built.Bytes, "B/vec", "hnswlib", peerBuild.Bytes, 0.35);
    }

    private void Compare(string row, IReadOnlyList<Point> ours, IReadOnlyList<Point> theirs, double recall, double? floor, string peer)
    {
        double? our = Hnsw.Curve.QpsAt(ours, recall), their = Hnsw.Curve.QpsAt(theirs, recall);
        if (floor is { } least && their is not null)
            rows.AtLeast(row, our, "/s", peer, their, least);
        else
            rows.Show(row, our, "/s", peer, their);
    }

    private void Keep(DataSet data, string engine, string storage, Build build, List<Point> points) =>
        rows.Keep(new Series(data.Name, engine, M, EfConstruction, storage, 1, build, points));
}
