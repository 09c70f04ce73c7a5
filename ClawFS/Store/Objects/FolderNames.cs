using System.Buffers.Binary;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Maps;

namespace ClawFS.Store.Objects;

/// <summary>One name of a folder.</summary>
internal readonly ref struct DirectoryEntry(ulong key, ulong inode, byte type, ReadOnlySpan<byte> name)
{
    public ulong Key { get; } = key;
    public ulong Inode { get; } = inode;
    /// <summary>DT_* of the node.</summary>
    public byte Type { get; } = type;
    public ReadOnlySpan<byte> Name { get; } = name;
}

/// <summary>
/// Names of a folder over its map, ordered by a keyed hash of the name. The order is the readdir order and the key is the cookie: entries
/// that are neither added nor removed meanwhile are listed exactly once. Equal hashes take the next free key within a small window.
/// </summary>
internal static class FolderNames
{
    /// <summary>Cookies below this are "." and "..".</summary>
    public const ulong FirstKey = 16;
    private const ulong KeyMask = (1UL << 62) - 1;
    private const int Window = 8;
    private const int Header = 9;

    /// <summary>Finds a name; the entry is valid until the folder changes. Precondition: the folder's lock.</summary>
    public static bool TryFind(Inode folder, NameHash hash, ReadOnlySpan<byte> name, out DirectoryEntry entry)
    {
        ulong key = KeyOf(folder, hash, name);
        for (ulong at = key; folder.Map.TryAtLeast(at, out ulong found, out ReadOnlySpan<byte> value) && found < key + Window; at = found + 1)
        {
            DirectoryEntry candidate = Decode(folder, found, value);
            if (candidate.Name.SequenceEqual(name))
            {
                entry = candidate;
                return true;
            }
        }
        entry = default;
        return false;
    }

    /// <summary>The first entry with a key of at least <paramref name="key"/>.</summary>
    public static bool TryNext(Inode folder, ulong key, out DirectoryEntry entry)
    {
        if (folder.Map.TryAtLeast(key, out ulong found, out ReadOnlySpan<byte> value))
        {
            entry = Decode(folder, found, value);
            return true;
        }
        entry = default;
        return false;
    }

    /// <summary>Adds a name that is not there yet and returns its key.</summary>
    public static ulong Add(Inode folder, NameHash hash, ReadOnlySpan<byte> name, ulong inode, uint type)
    {
        ulong first = KeyOf(folder, hash, name);
        ulong key = first;
        while (folder.Map.TryAtLeast(key, out ulong found, out _) && found == key)
        {
            if (++key == first + Window)
            {
                throw new StoreException(Errno.ENOSPC, "eight names of one folder share a hash");
            }
        }
        Span<byte> value = stackalloc byte[Header + Vfs.Vfs.MaxName];
        BinaryPrimitives.WriteUInt64LittleEndian(value, inode);
        value[8] = (byte)type;
        name.CopyTo(value[Header..]);
        folder.Map.Set(key, value[..(Header + name.Length)]);
        return key;
    }

    /// <summary>Points an existing name to another inode.</summary>
    public static void Replace(Inode folder, ulong key, ReadOnlySpan<byte> name, ulong inode, uint type)
    {
        Span<byte> value = stackalloc byte[Header + Vfs.Vfs.MaxName];
        BinaryPrimitives.WriteUInt64LittleEndian(value, inode);
        value[8] = (byte)type;
        name.CopyTo(value[Header..]);
        folder.Map.Set(key, value[..(Header + name.Length)]);
    }

    /// <summary>Takes an entry apart for fsck; false if it is malformed.</summary>
    /// <param name="folder">Number of the folder.</param>
    /// <param name="hash">The hash of names.</param>
    /// <param name="key">The entry's key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="inPlace">Whether a look-up by the name finds it.</param>
    public static bool TryDecode(ulong folder, NameHash hash, ulong key, ReadOnlySpan<byte> value, out DirectoryEntry entry, out bool inPlace)
    {
        entry = default;
        inPlace = false;
        if (value.Length <= Header || value.Length > Header + Vfs.Vfs.MaxName || value[Header..].IndexOfAny((byte)'/', (byte)0) >= 0)
        {
            return false;
        }
        entry = new(key, BinaryPrimitives.ReadUInt64LittleEndian(value), value[8], value[Header..]);
        ulong first = KeyOf(folder, hash, entry.Name);
        inPlace = key >= first && key < first + Window;
        return true;
    }

    private static ulong KeyOf(Inode folder, NameHash hash, ReadOnlySpan<byte> name) => KeyOf(folder.Id, hash, name);

    private static ulong KeyOf(ulong folder, NameHash hash, ReadOnlySpan<byte> name) =>
        Math.Clamp(hash.HashName(folder, name) & KeyMask, FirstKey, KeyMask - Window);

    private static DirectoryEntry Decode(Inode folder, ulong key, ReadOnlySpan<byte> value)
    {
        if (value.Length <= Header || value.Length > Header + Vfs.Vfs.MaxName)
        {
            throw new StoreException(Errno.EIO, $"folder {folder.Id} has a malformed entry");
        }
        return new(key, BinaryPrimitives.ReadUInt64LittleEndian(value), value[8], value[Header..]);
    }
}
