using System.Buffers.Binary;
using ClawFS.Store;

namespace ClawOS.Cli.Services;

/// <summary>
/// Keeps which views are open in a hidden file of the store, for an fs that takes over this mount: a u32 length and so many bytes, written over in one request. A locked
/// or read-only store keeps nothing: then a successor has no views, and sandboxes lose what was bound over them when they next walk there.
/// </summary>
internal sealed class StoredViews(MountedStore mounted)
{
    private const string Name = "views";
    private const int HeaderSize = sizeof(uint), MostBytes = 1 << 20;

    /// <summary>Keeps bytes, of which there may be none.</summary>
    internal void Keep(byte[] bytes)
    {
        if (mounted.Current is not { } store || bytes.Length > MostBytes - HeaderSize)
        {
            return;
        }

        try
        {
            byte[] all = new byte[HeaderSize + bytes.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(all, (uint)bytes.Length);
            bytes.CopyTo(all, HeaderSize);
            new HiddenFile(store.Tree, Name).Overwrite(all);
        }
        catch (StoreException)
        {
            // Full, read-only or being locked: the store tells that itself, and the views that are open are not touched by it.
        }
    }

    /// <summary>What was kept last; nothing where it cannot be read.</summary>
    internal byte[] Read()
    {
        try
        {
            if (mounted.Current is not { } store || !HiddenFile.Exists(store.Tree, Name))
            {
                return [];
            }

            HiddenFile file = new(store.Tree, Name);
            byte[] header = new byte[HeaderSize];
            uint length = file.Read(0, header) == HeaderSize ? BinaryPrimitives.ReadUInt32LittleEndian(header) : 0;
            byte[] bytes = new byte[length <= MostBytes ? length : 0];
            return file.Read(HeaderSize, bytes) == bytes.Length ? bytes : [];
        }
        catch (StoreException)
        {
            return []; // Damaged, which health tells.
        }
    }
}
