using ClawFS.Search.Lexical;
using ClawFS.Search.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Index;

/// <summary>The records of the index log, written and read; docs/index-log.md has the tables.</summary>
internal static class IndexRecords
{
    private const int MostChunks = 1 << 24;

    /// <summary>The terms from a number on.</summary>
    public static void WriteTerms(RecordWriter to, TermTable terms, int from)
    {
        if (from == terms.Count)
        {
            return;
        }
        to.Begin((byte)RecordKind.Terms);
        to.Varint((ulong)from);
        for (int i = from; i < terms.Count; i++)
        {
            to.Block(terms[i]);
        }
        to.End();
    }

    /// <summary>A file with its chunks.</summary>
    public static void WriteFile(RecordWriter to, IndexedFile file, IReadOnlyList<Chunk> chunks, IReadOnlyList<ChunkTerms> terms)
    {
        to.Begin((byte)RecordKind.File);
        WriteAttributes(to, file);
        to.U64(file.Size);
        to.Raw(file.Sha256);
        to.Byte((byte)file.Kind);
        to.Varint((ulong)chunks.Count);
        string heading = "";
        for (int i = 0; i < chunks.Count; i++)
        {
            Chunk chunk = chunks[i];
            to.Varint((ulong)chunk.Start);
            to.Varint((ulong)chunk.Length);
            to.Varint((ulong)chunk.FirstLine);
            to.Varint((ulong)(chunk.LastLine - chunk.FirstLine));
            to.Byte((byte)chunk.State);
            // Most chunks stand below the heading of the one before.
            to.Byte(chunk.Heading == heading ? (byte)1 : (byte)0);
            if (chunk.Heading != heading)
            {
                to.Text(heading = chunk.Heading);
            }
            to.Block(terms[i].Bytes.Span);
        }
        to.End();
    }

    /// <summary>A file that is left out.</summary>
    public static void WriteSkipped(RecordWriter to, IndexedFile file)
    {
        to.Begin((byte)RecordKind.Skipped);
        WriteAttributes(to, file);
        to.U64(file.Size);
        to.Text(file.Skipped ?? "");
        to.End();
    }

    /// <summary>Other attributes.</summary>
    public static void WriteRestated(RecordWriter to, IndexedFile file)
    {
        to.Begin((byte)RecordKind.Restated);
        WriteAttributes(to, file);
        to.End();
    }

    /// <summary>A file to forget.</summary>
    public static void WriteRemoved(RecordWriter to, ulong inode)
    {
        to.Begin((byte)RecordKind.Removed);
        to.U64(inode);
        to.End();
    }

    /// <summary>Brings a record into the index. <see cref="IndexState.Publish"/> is the caller's.</summary>
    /// <exception cref="InvalidDataException">It says what no record can.</exception>
    public static void Apply(RecordKind kind, RecordReader record, IndexState state)
    {
        switch (kind)
        {
            case RecordKind.Terms:
                ReadTerms(ref record, state.Terms);
                break;
            case RecordKind.File:
                ReadFile(ref record, state);
                break;
            case RecordKind.Skipped:
                IndexedFile skipped = ReadAttributes(ref record) with { Size = record.U64() };
                state.Put(skipped with { Skipped = record.Text() }, [], []);
                break;
            case RecordKind.Restated:
                state.Restate(ReadAttributes(ref record));
                break;
            case RecordKind.Removed:
                state.Remove(record.U64());
                break;
            default:
                throw new InvalidDataException($"the index log has a record of kind {(byte)kind}");
        }
    }

    private static void ReadTerms(ref RecordReader record, TermTable terms)
    {
        int next = record.Count(int.MaxValue);
        while (!record.IsEmpty)
        {
            if (terms.Add(record.Block()) != next++)
            {
                throw new InvalidDataException("the index log has a term twice");
            }
        }
    }

    private static void ReadFile(ref RecordReader record, IndexState state)
    {
        IndexedFile file = ReadAttributes(ref record) with { Size = record.U64() };
        file = file with { Sha256 = record.Take(32).ToArray(), Kind = (TextKind)record.Byte() };
        int count = record.Count(MostChunks);
        List<Chunk> chunks = new(Math.Min(count, 4096));
        List<ChunkTerms> terms = new(Math.Min(count, 4096));
        string heading = "";
        for (int i = 0; i < count; i++)
        {
            long start = record.Count(int.MaxValue);
            int length = record.Count(ChunkRules.MaxBytes);
            int first = record.Count(int.MaxValue - 1);
            int last = record.Count(int.MaxValue - 1 - first) + first;
            MarkupState markup = (MarkupState)record.Byte();
            heading = record.Byte() == 1 ? heading : record.Text();
            chunks.Add(new(start, length, first, last, heading, markup));
            terms.Add(ChunkTerms.Parse(record.Block().ToArray(), state.Terms.Count));
        }
        state.Put(file, chunks, terms);
    }

    private static void WriteAttributes(RecordWriter to, IndexedFile file)
    {
        to.U64(file.Inode);
        to.U64(file.Folder);
        to.Text(file.Name);
        WriteTime(to, file.Ctime);
        WriteTime(to, file.Mtime);
        to.Text(file.Tags);
    }

    private static IndexedFile ReadAttributes(ref RecordReader record) => new()
    {
        Inode = record.U64(),
        Folder = record.U64(),
        Name = record.Text(),
        Ctime = ReadTime(ref record),
        Mtime = ReadTime(ref record),
        Tags = record.Text(),
    };

    private static void WriteTime(RecordWriter to, Timestamp time)
    {
        to.U64((ulong)time.Seconds);
        to.U32(time.Nanoseconds);
    }

    private static Timestamp ReadTime(ref RecordReader record) => new((long)record.U64(), record.U32());
}
