using ClawFS.Linux;

namespace ClawOS.Cli.Stores;

/// <summary>The check of a store that nobody has open.</summary>
internal static class OfflineCheck
{
    /// <summary>Checks, and mends if asked to.</summary>
    /// <param name="store">The store folder.</param>
    /// <param name="secret">What opens it.</param>
    /// <param name="repair">Whether to mend.</param>
    /// <param name="accept">Whether a store that is older than its anchor is wanted so.</param>
    /// <param name="progress">Told how far it is.</param>
    internal static CheckOutcome Run(string store, SecretSource secret, bool repair, bool accept, Action<string> progress)
    {
        progress("opening the store");
        using Folder? claim = repair || accept ? null : Claim(store);
        using OfflineStore opened = OfflineStore.Open(store, secret, readOnly: !repair && !accept);
        if (accept)
        {
            opened.Store.AcceptRollback();
            using Folder folder = Folder.Open(store);
            RestoredMark.Accept(folder);
        }

        return StoreCheck.Run(opened.Store, repair, progress, CancellationToken.None);
    }

    /// <summary>A read-only opening takes no lock, because it must work on read-only media; a check beside a writer would see half of two commits.</summary>
    private static Folder? Claim(string store)
    {
        Folder folder = Folder.Open(store);
        try
        {
            return folder.TryLock("lock", out string holder) ? folder : throw new CliException(ExitCodes.InUse, $"{store} is in use by {holder}");
        }
        catch (LinuxException error) when (error.Error is Errno.EROFS or Errno.EACCES)
        {
            folder.Dispose();
            return null;
        }
    }
}
