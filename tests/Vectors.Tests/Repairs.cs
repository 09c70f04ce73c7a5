namespace ClawFS.Vectors.Tests;

internal static class Repairs
{
    /// <summary>Repairs to the end, in steps of a few slots.</summary>
    public static void RepairAll(this HnswIndex index, int steps = 500)
    {
        bool more = true;
        while (more)
            more = index.Repair(steps, CancellationToken.None);
    }
}
