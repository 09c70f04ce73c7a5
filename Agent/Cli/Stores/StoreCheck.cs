using System.Globalization;
using ClawFS.Store;

namespace ClawOS.Cli.Stores;

/// <summary>The check of an open store: by fs of a mounted one, or by this process of one that nobody has open.</summary>
internal static class StoreCheck
{
    /// <summary>Checks, and mends if asked to.</summary>
    /// <param name="store">The open store.</param>
    /// <param name="repair">Whether to mend.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="stop">Ends the check early.</param>
    /// <param name="changed">Told each node that repair changed.</param>
    internal static CheckOutcome Run(ClawStore store, bool repair, Action<string> progress, CancellationToken stop, Action<ulong>? changed = null)
    {
        FsckOptions options = new() { Repair = repair, Paths = true, Progress = new Meter(progress) };
        FsckReport report = Fsck.Run(store, options, stop);
        foreach (ulong node in report.Changed)
        {
            changed?.Invoke(node);
        }

        return new CheckOutcome(
            report.Clean,
            report.Repaired.Count,
            report.Summary,
            [.. report.Problems.Select(static problem => problem.ToString()), .. report.Repaired.Select(static line => $"repaired: {line}")]);
    }

    private sealed class Meter(Action<string> progress) : IProgress<FsckProgress>
    {
        public void Report(FsckProgress value) => progress(value.Total == 0
            ? value.Stage
            : string.Create(CultureInfo.InvariantCulture, $"{value.Stage} {value.Done} of {value.Total}"));
    }
}
