namespace ClawFS.Vectors;

/// <summary>Whether a search walks the graph or measures every vector that the filter lets through, whichever is cheaper; a walk that turns out dearer is given up for the scan.</summary>
internal readonly record struct SearchPlan(bool Scan, int Width, long Budget)
{
    /// <summary>Candidates that a scan keeps for the second ranking.</summary>
    public const int LeastScanWidth = 64;

    /// <summary>A distance in a walk costs about as much as this many in a scan, whose rows are known long before.</summary>
    private const double WalkToScan = 3;

    /// <summary>Distances of a walk for each candidate it keeps, as measured with 100,000 vectors at M = 16.</summary>
    private const double DistancesPerCandidate = 12;

    /// <summary>A walk among the labels of a filter keeps at least this many of them: what lies between hides some.</summary>
    private const int LeastFilteredWidth = 96;

    /// <summary>Chooses.</summary>
    /// <param name="filter">The labels that may be returned, or null.</param>
    /// <param name="live">Vectors that can be found.</param>
    /// <param name="used">Slots ever used.</param>
    /// <param name="width">Candidates wanted.</param>
    public static SearchPlan For(LabelBitmap? filter, int live, uint used, int width)
    {
        long scanned = filter is null ? used : Math.Min(filter.Count, live);
        if (filter is not null)
            width = Math.Max(width, LeastFilteredWidth);
        double share = live == 0 ? 1 : Math.Max(1e-9, (double)Math.Min(scanned, live) / live);
        double walk = width * DistancesPerCandidate / share * WalkToScan;
        return new SearchPlan(scanned <= walk, width, filter is null ? long.MaxValue : (long)(2 * scanned / WalkToScan));
    }
}
