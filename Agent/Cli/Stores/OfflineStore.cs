using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store;

namespace ClawOS.Cli.Stores;

/// <summary>A store opened by this very process, without a mount.</summary>
internal sealed class OfflineStore : IDisposable
{
    private readonly ClawStore store;
    private readonly Anchor? anchor;

    private OfflineStore(ClawStore store, Anchor? anchor)
    {
        this.store = store;
        this.anchor = anchor;
    }

    internal ClawStore Store => store;

    /// <summary>Opens a store; nobody else may have it open, except to read a backup.</summary>
    /// <exception cref="CliException">There is none, or it is in use.</exception>
    internal static OfflineStore Open(string path, SecretSource secret, bool readOnly, Action<string>? report = null)
    {
        Require(path);
        using Folder folder = Folder.Open(path);
        KeySlots slots = KeySlots.Load(folder);
        using Credential credential = secret.ToCredential();
        using SecretKey master = slots.Unlock(credential);
        Anchor? anchor = StoreAnchor.Open(slots.StoreId, readOnly);
        try
        {
            StoreOptions options = new() { ReadOnly = readOnly, Report = report ?? (static _ => { }), Anchor = anchor };
            return new OfflineStore(ClawStore.Open(path, master, slots.StoreId, options), anchor);
        }
        catch
        {
            anchor?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a copy of a store to read it: beside the original, so neither lock nor anchor are taken.</summary>
    internal static OfflineStore OpenCopy(string path, SecretSource secret)
    {
        Require(path);
        using Folder folder = Folder.Open(path);
        KeySlots slots = KeySlots.Load(folder);
        using Credential credential = secret.ToCredential();
        using SecretKey master = slots.Unlock(credential);
        return new OfflineStore(ClawStore.Open(path, master, slots.StoreId, new StoreOptions { ReadOnly = true }), null);
    }

    /// <summary>Refuses a folder without a store.</summary>
    internal static void Require(string path)
    {
        if (!StoreCreator.Exists(path))
        {
            throw new CliException(ExitCodes.NotFound, $"{path}: there is no store; claw init makes one");
        }
    }

    public void Dispose()
    {
        store.Dispose();
        anchor?.Dispose();
    }
}
