namespace ClawOS.Bench.Hnsw.Stages;

/// <summary>Two engines over all widths, the best of some passes each; passes take turns, so that a loaded moment meets both.</summary>
internal static class Turns
{
    public static (List<Point> Ones, List<Point> Others) Take(int passes, Func<int, Point> one, Func<int, Point> other)
    {
        List<Point> ones = [], others = [];
        foreach (int ef in Hnsw.Curve.Widths)
        {
            List<(Point One, Point Other)> turns = [.. Enumerable.Range(0, passes).Select(_ => (one(ef), other(ef)))];
            ones.Add(turns.MaxBy(turn => turn.One.Qps).One);
            others.Add(turns.MaxBy(turn => turn.Other.Qps).Other);
        }

        return (ones, others);
    }
}
