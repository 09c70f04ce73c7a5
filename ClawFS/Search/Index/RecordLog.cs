using System.Buffers.Binary;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>
/// Records in a hidden file of the store, to which further ones are appended, so that it is sealed, journalled and recovered like any other. What a kill leaves is
/// a prefix of what was written, and a record that is cut short by it is dropped; the store's seals tell damage. For one thread at a time.
/// </summary>
internal sealed class RecordLog
{
    /// <summary>Kind and length in front of a record.</summary>
    public const int RecordHeader = 5;

    /// <summary>No record is longer: a file of the greatest size with its chunks stays far below, a model too.</summary>
    private const int MaxRecord = 256 << 20;

    private const int Piece = 1 << 20;

    private readonly StoredTree tree;
    private readonly string name;
    private readonly byte[] magic;
    private HiddenFile file;

    /// <summary>Opens the log, or makes it.</summary>
    /// <param name="tree">The store.</param>
    /// <param name="name">Name of the hidden file.</param>
    /// <param name="magic">What it begins with: its kind and version.</param>
    /// <exception cref="StoreException">The store is damaged, full, or read-only without a log.</exception>
    public RecordLog(StoredTree tree, string name, ReadOnlySpan<byte> magic)
    {
        this.tree = tree;
        this.name = name;
        this.magic = magic.ToArray();
        file = new HiddenFile(tree, name);
    }

    /// <summary>Takes a record: its kind, where it begins in the file, its content.</summary>
    public delegate void RecordHandler(byte kind, long position, RecordReader content);

    /// <summary>Bytes in the log.</summary>
    public long Length { get; private set; }

    /// <summary>Hands out all whole records in order. <see cref="Cut"/> takes away what is behind them.</summary>
    /// <exception cref="InvalidDataException">This is no log, or one of another kind or version; <see cref="Restart"/> is the way on.</exception>
    public void Load(RecordHandler handler, CancellationToken stop)
    {
        if (file.Length == 0)
        {
            return;
        }
        byte[] buffer = new byte[Piece];
        int have = 0;
        long read = 0;
        bool begun = false;
        for (int got = -1; got != 0;)
        {
            stop.ThrowIfCancellationRequested();
            got = file.Read(read, buffer.AsSpan(have));
            read += got;
            have += got;
            int used = 0;
            if (!begun)
            {
                begun = have >= magic.Length && buffer.AsSpan().StartsWith(magic) ? true : throw new InvalidDataException($"{name} is of another version");
                used = magic.Length;
            }
            for (int size; (size = SizeOf(buffer.AsSpan(used, have - used))) <= have - used; used += size)
            {
                handler(buffer[used], read - have + used, new RecordReader(buffer.AsSpan(used + RecordHeader, size - RecordHeader)));
            }
            buffer.AsSpan(used, have - used).CopyTo(buffer);
            have -= used;
            if (have > buffer.Length / 2)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
        Length = read - have;
    }

    /// <summary>Takes away what is behind a record.</summary>
    /// <param name="length">Bytes to keep; none: the log begins anew.</param>
    /// <exception cref="StoreException">The store is read-only.</exception>
    public void Cut(long length)
    {
        if (length == 0)
        {
            Restart();
        }
        else if (file.Length != length)
        {
            file.Truncate(length);
        }
        Length = Math.Max(length, magic.Length);
    }

    /// <summary>Appends whole records.</summary>
    /// <exception cref="StoreException">The store is full or read-only.</exception>
    public void Append(RecordWriter records)
    {
        file.Append(records.Written);
        Length += records.Length;
    }

    /// <summary>Begins anew, empty.</summary>
    public void Restart()
    {
        file.Truncate(0);
        file.Append(magic);
        Length = magic.Length;
    }

    /// <summary>Puts another content in the place of all that is there; after a kill it is the one or the other.</summary>
    /// <param name="write">Appends the records to the log it is given.</param>
    public void Replace(Action<RecordLog> write)
    {
        RecordLog next = new(tree, name + ".new", magic);
        try
        {
            next.Restart();
            write(next);
        }
        catch
        {
            // Half of it is of no use, and takes the room that whoever filled the disk wants.
            next.file.Truncate(0);
            throw;
        }
        next.file.Rotate(name);
        file = new HiddenFile(tree, name);
        Length = next.Length;
    }

    /// <summary>Bytes of the record that begins here; more than there are if it is not whole.</summary>
    private static int SizeOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < RecordHeader)
        {
            return int.MaxValue;
        }
        uint content = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
        return content <= MaxRecord ? (int)content + RecordHeader : throw new InvalidDataException("a log of the index has a record of an impossible length");
    }
}
