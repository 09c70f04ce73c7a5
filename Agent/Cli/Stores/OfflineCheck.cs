namespace ClawOS.Cli.Stores;

/// <summary>The check of a store that nobody has open.</summary>
internal static class OfflineCheck
{
    /// <summary>Checks, and mends if asked to.</summary>
    /// <param name="store">The store folder.</param>
    /// <param name="secret">What opens it.</param>
    /// <param name="repair">Whether to mend.</param>
    /// <param name="progress">Told how far it is.</param>
    internal static CheckOutcome Run(string store, SecretSource secret, bool repair, Action<string> progress)
    {
        progress("opening the store");
        using OfflineStore opened = OfflineStore.Open(store, secret, readOnly: !repair);
        return StoreCheck.Run(opened.Store, repair, progress, CancellationToken.None);
    }
}
