using System.Buffers.Binary;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>
/// The index on disk: a hidden file of the store to which records are appended, so that it is sealed, journalled and recovered like any other. What a kill leaves is
/// a prefix of what was written, and a record that is cut short by it is dropped; the store's seals tell damage. For one thread at a time.
/// </summary>
internal sealed class IndexLog
{
    /// <summary>Name of the hidden file.</summary>
    public const string FileName = "index";

    /// <summary>Kind and length in front of a record.</summary>
    public const int RecordHeader = 5;

    /// <summary>No record is longer: a file of the greatest size with its chunks stays far below.</summary>
    private const int MaxRecord = 256 << 20;

    private const int Piece = 1 << 20;

    private readonly StoredTree tree;
    private HiddenFile file;

    /// <summary>Opens the log, or makes it.</summary>
    /// <exception cref="StoreException">The store is damaged, full, or read-only without a log.</exception>
    public IndexLog(StoredTree tree)
    {
        this.tree = tree;
        file = new HiddenFile(tree, FileName);
    }

    /// <summary>Takes a record's content.</summary>
    public delegate void RecordHandler(RecordKind kind, RecordReader content);

    /// <summary>Bytes in the log.</summary>
    public long Length { get; private set; }

    private static ReadOnlySpan<byte> Magic => "CLAWIDX1"u8;

    /// <summary>Hands out all records in order.</summary>
    /// <exception cref="InvalidDataException">This is no log, or one of another version; <see cref="Restart"/> and read the files again.</exception>
    public void Load(RecordHandler handler, CancellationToken stop)
    {
        if (file.Length == 0)
        {
            Restart();
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
                begun = have >= Magic.Length && buffer.AsSpan().StartsWith(Magic) ? true : throw new InvalidDataException("the index log is of another version");
                used = Magic.Length;
            }
            for (int size; (size = SizeOf(buffer.AsSpan(used, have - used))) <= have - used; used += size)
            {
                handler((RecordKind)buffer[used], new RecordReader(buffer.AsSpan(used + RecordHeader, size - RecordHeader)));
            }
            buffer.AsSpan(used, have - used).CopyTo(buffer);
            have -= used;
            if (have > buffer.Length / 2)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
        Length = read - have;
        if (have != 0)
        {
            file.Truncate(Length);
        }
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
        file.Append(Magic);
        Length = Magic.Length;
    }

    /// <summary>Puts another content in the place of all that is there; after a kill it is the one or the other.</summary>
    /// <param name="write">Appends the records to the log it is given.</param>
    public void Replace(Action<IndexLog> write)
    {
        IndexLog next = new(tree, FileName + ".new");
        next.Restart();
        write(next);
        next.file.Rotate(FileName);
        file = new HiddenFile(tree, FileName);
        Length = next.Length;
    }

    private IndexLog(StoredTree tree, string name)
    {
        this.tree = tree;
        file = new HiddenFile(tree, name);
    }

    /// <summary>Bytes of the record that begins here; more than there are if it is not whole.</summary>
    private static int SizeOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < RecordHeader)
        {
            return int.MaxValue;
        }
        uint content = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
        return content <= MaxRecord ? (int)content + RecordHeader : throw new InvalidDataException("the index log has a record of an impossible length");
    }
}
