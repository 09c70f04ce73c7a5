using System.Globalization;
using ClawFS.Crypto;
using ClawFS.Linux;

namespace ClawFS.Store.Log;

/// <summary>The journal file that grows. Not safe for concurrent appends: <see cref="Journal"/> holds its lock around them.</summary>
internal sealed class JournalFile : IDisposable
{
    /// <summary>Bytes by which a file grows on the disk.</summary>
    public const int Step = 4 << 20;

    /// <summary>Bytes at the end that only records which free space may use, so that a full disk can still be emptied.</summary>
    public const int Reserve = 256 << 10;

    /// <summary>The next file, made ahead, so that a rotation needs no disk space.</summary>
    public const string SpareName = "spare";

    /// <summary>Bytes of a file on a disk that has no step left: the reserve, and as much again.</summary>
    private const int LeastSize = 2 * Reserve;

    private readonly StorageFile file;
    private readonly Aead key;
    private readonly JournalHeader header;
    private byte[] record = new byte[4096];
    private long allocated;
    private uint attempt;

    private JournalFile(StorageFile file, Aead key, in JournalHeader header, long allocated)
    {
        this.file = file;
        this.key = key;
        this.header = header;
        this.allocated = allocated;
        Next = header.First;
    }

    /// <summary>Sequence of the first record.</summary>
    public ulong First => header.First;

    /// <summary>Sequence of the next record.</summary>
    public ulong Next { get; private set; }

    /// <summary>Bytes in use, header included.</summary>
    public long End { get; private set; } = JournalHeader.Size;

    /// <summary>Name of the file that begins with a sequence.</summary>
    public static string NameOf(ulong first) => first.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Makes the spare file if it is missing.</summary>
    /// <exception cref="LinuxException">ENOSPC ...</exception>
    public static void MakeSpare(Folder folder)
    {
        if (folder.Exists(SpareName))
            return;
        using StorageFile file = folder.Open(SpareName, StorageMode.CreateNew);
        try
        {
            try
            {
                Extend(file, 0, Step);
            }
            catch (LinuxException e) when (e.Error is Errno.ENOSPC or Errno.EDQUOT)
            {
                Extend(file, 0, LeastSize);
            }
        }
        catch (LinuxException)
        {
            folder.Delete(SpareName);
            throw;
        }
    }

    /// <summary>Turns the spare file into the file that begins with <c>header.First</c>.</summary>
    /// <exception cref="LinuxException">ENOSPC, EIO: nothing has changed.</exception>
    public static JournalFile Create(Folder folder, in JournalHeader header, SecretKey journalKey)
    {
        MakeSpare(folder);
        Span<byte> bytes = stackalloc byte[JournalHeader.Size];
        Span<byte> salt = stackalloc byte[JournalHeader.SaltSize];
        JournalHeader.NewSalt(salt);
        StorageFile file = folder.Open(SpareName, StorageMode.ReadWrite);
        Aead? key = null;
        try
        {
            key = new Aead();
            header.Write(bytes, salt, journalKey, key);
            file.Write(bytes, 0);
            var created = new JournalFile(file, key, header, file.Length);

            // Last: a file of this name that nobody appends to would be an overlap at the next replay.
            folder.Rename(SpareName, NameOf(header.First));
            return created;
        }
        catch
        {
            key?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Seals and writes one record.</summary>
    /// <exception cref="LinuxException">ENOSPC, EIO: the next append takes the place, under another nonce.</exception>
    public void Append(byte kind, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, bool reclaiming)
    {
        int length = a.Length + b.Length + JournalRecord.Overhead;
        long needed = End + length + (reclaiming ? 0 : Reserve);
        if (needed > allocated)
            Grow(needed);
        if (record.Length < length)
            record = new byte[Math.Max(length, record.Length * 2)];
        Span<byte> bytes = record.AsSpan(0, length);
        a.CopyTo(bytes[JournalRecord.PayloadAt..]);
        b.CopyTo(bytes[(JournalRecord.PayloadAt + a.Length)..]);
        JournalRecord.Seal(key, header, Next, attempt, kind, bytes);
        try
        {
            file.Write(bytes, End);
        }
        catch (LinuxException)
        {
            attempt = checked(attempt + 1);
            Erase(bytes);
            throw;
        }
        End += length;
        Next++;
    }

    /// <summary>Makes the records durable.</summary>
    public void Sync() => file.SyncData();

    /// <inheritdoc/>
    public void Dispose()
    {
        key.Dispose();
        file.Dispose();
    }

    private static long Extend(StorageFile file, long from, int length)
    {
        try
        {
            file.Allocate(from, length);
        }
        catch (LinuxException e) when (e.Error == Errno.EOPNOTSUPP)
        {
            // Without fallocate a full disk is found by the write itself.
        }
        file.Truncate(from + length);
        return from + length;
    }

    private void Grow(long needed)
    {
        while (needed > allocated)
            allocated = Extend(file, allocated, Step);
    }

    /// <summary>A record that was refused must not come back at replay: its bytes are overwritten with zeros.</summary>
    private void Erase(Span<byte> bytes)
    {
        bytes.Clear();
        try
        {
            file.Write(bytes, End);
        }
        catch (LinuxException)
        {
            // The disk fails here too. The next record that can be written takes the place; until then the end may look torn.
        }
    }
}
