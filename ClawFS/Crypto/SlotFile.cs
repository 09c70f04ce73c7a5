using System.Buffers.Binary;
using System.Security.Cryptography;
using ClawFS.Linux;
using static ClawFS.Crypto.SlotFormat;

namespace ClawFS.Crypto;

/// <summary>The bytes of claw.keys: read with every check that needs no key, replaced without a moment in which no slot is whole.</summary>
internal static class SlotFile
{
    internal const string Name = "claw.keys";
    internal const string NewName = "claw.keys.new";

    /// <summary>Reads the file and checks frame and checksum.</summary>
    /// <exception cref="KeyException">Missing, Damaged or TooNew.</exception>
    internal static byte[] Read(Folder store)
    {
        using StorageFile file = OpenExisting(store);
        byte[] buffer = new byte[MaxFile + 1];
        ReadOnlySpan<byte> bytes = buffer.AsSpan(0, file.Read(buffer, 0));
        if (bytes.Length < HeaderSize || !bytes.StartsWith(Magic))
            throw Damaged(store, "it does not begin like a file of key slots");
        int version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[VersionAt..]);
        if (version > SlotFormat.Version)
            throw new KeyException(KeyError.TooNew, $"{store.Path}/{Name} has format {version}; this claw reads up to {SlotFormat.Version}, use a newer one");
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[CountAt..]);
        if (version == 0 || count is 0 or > MaxSlots || bytes.Length != FileSize(count))
            throw Damaged(store, "its length is wrong");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumSize..]) != Crc32C.Of(bytes[..^ChecksumSize]))
            throw Damaged(store, "its checksum is wrong");
        if (bytes[ReservedAt..StoreIdAt].ContainsAnyExcept((byte)0))
            throw Damaged(store, "its header makes no sense");
        return bytes.ToArray();
    }

    /// <summary>Puts MAC and checksum behind header and slots.</summary>
    internal static byte[] Complete(ReadOnlySpan<byte> header, IEnumerable<Slot> slots, SecretKey master)
    {
        List<byte> bytes = [.. header];
        foreach (Slot slot in slots)
            bytes.AddRange(slot.Bytes);
        Span<byte> tail = stackalloc byte[MacSize];
        Authenticate([.. bytes], master, tail);
        bytes.AddRange(tail);
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Crc32C.Of([.. bytes]));
        bytes.AddRange(tail[..ChecksumSize]);
        return [.. bytes];
    }

    /// <summary>Whether nobody without the master key has added, removed or changed a slot.</summary>
    internal static bool IsAuthentic(ReadOnlySpan<byte> file, SecretKey master)
    {
        Span<byte> mac = stackalloc byte[MacSize];
        int end = file.Length - ChecksumSize - MacSize;
        Authenticate(file[..end], master, mac);
        return CryptographicOperations.FixedTimeEquals(mac, file.Slice(end, MacSize));
    }

    /// <summary>
    /// Replaces the file: the new one is durable before the old one goes, and the old one's blocks are then overwritten, so that a
    /// removed slot does not live on in them.
    /// </summary>
    internal static void Replace(Folder store, ReadOnlySpan<byte> bytes)
    {
        store.Delete(NewName);
        using StorageFile? old = store.Exists(Name) ? store.Open(Name, StorageMode.ReadWrite) : null;
        using (StorageFile file = store.Open(NewName, StorageMode.CreateNew))
        {
            file.Write(bytes, 0);
            file.SyncData();
        }
        store.Rename(NewName, Name);
        store.Sync();
        if (old is not null)
            Overwrite(old);
    }

    /// <summary>Overwrites with random bytes, durably, and removes. False when there was none.</summary>
    internal static bool Shred(Folder store, string name)
    {
        if (!store.Exists(name))
            return false;
        using (StorageFile file = store.Open(name, StorageMode.ReadWrite))
            Overwrite(file);
        store.Delete(name);
        store.Sync();
        return true;
    }

    internal static KeyException Damaged(Folder store, string why) =>
        new(KeyError.Damaged, $"{store.Path}/{Name} is damaged: {why}");

    private static StorageFile OpenExisting(Folder store)
    {
        try
        {
            return store.Open(Name, StorageMode.Read);
        }
        catch (LinuxException e) when (e.Error == Errno.ENOENT)
        {
            throw new KeyException(KeyError.Missing, $"{store.Path} has no {Name}: it is not a claw store, or it was destroyed");
        }
    }

    private static void Authenticate(ReadOnlySpan<byte> headerAndSlots, SecretKey master, Span<byte> mac)
    {
        using SecretKey key = master.Derive("claw key slots");
        key.Authenticate(headerAndSlots, mac);
    }

    private static void Overwrite(StorageFile file)
    {
        byte[] noise = new byte[4096];
        for (long at = 0, length = file.Length; at < length; at += noise.Length)
        {
            RandomNumberGenerator.Fill(noise);
            file.Write(noise.AsSpan(0, (int)Math.Min(noise.Length, length - at)), at);
        }
        file.SyncData();
    }
}
