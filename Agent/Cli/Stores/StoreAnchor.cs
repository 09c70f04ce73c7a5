using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Supervisor;

namespace ClawOS.Cli.Stores;

/// <summary>Finds the anchor of a store in the state folder.</summary>
internal static class StoreAnchor
{
    /// <summary>Opens the anchor, or makes it; null where a read-only opening finds none.</summary>
    internal static Anchor? Open(Guid storeId, bool readOnly)
    {
        if (!readOnly)
        {
            StateFolder.CreateRoot();
            StateFolder.CreatePrivate(StateFolder.Anchors);
        }

        if (!Directory.Exists(StateFolder.Anchors))
        {
            return null;
        }

        using Folder folder = Folder.Open(StateFolder.Anchors);
        try
        {
            return Anchor.Open(folder, storeId, readOnly);
        }
        catch (LinuxException error) when (readOnly && error.Error is Errno.ENOENT or Errno.EACCES)
        {
            return null;
        }
    }
}
