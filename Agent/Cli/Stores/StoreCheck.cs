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
    internal static CheckOutcome Run(ClawStore store, bool repair, Action<string> progress, CancellationToken stop) =>
        throw new CliException(ExitCodes.Failed, "fsck: the check is not built yet");
}
