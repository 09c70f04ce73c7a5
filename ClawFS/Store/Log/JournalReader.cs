using ClawFS.Crypto;
using ClawFS.Linux;

namespace ClawFS.Store.Log;

/// <summary>Reads the records of one journal file in order, through a window of 2 MiB that holds any record whole.</summary>
internal sealed class JournalReader
{
    private const int SequencesAhead = 1 << 20;

    private readonly byte[] window = new byte[2 << 20];
    private readonly StorageFile file;
    private readonly JournalHeader header;
    private readonly Aead key;
    private long start;
    private int filled;

    /// <summary>Borrows everything.</summary>
    public JournalReader(StorageFile file, in JournalHeader header, Aead key)
    {
        this.file = file;
        this.header = header;
        this.key = key;
        Position = JournalHeader.Size;
        Next = header.First;
    }

    /// <summary>Offset in the file of the next record.</summary>
    public long Position { get; private set; }

    /// <summary>Sequence of the next record.</summary>
    public ulong Next { get; private set; }

    /// <summary>Opens the next record. False where the file ends or does not go on with an authentic record of sequence <see cref="Next"/>.</summary>
    public bool TryRead(out byte kind, out ReadOnlySpan<byte> payload)
    {
        kind = 0;
        payload = default;
        Span<byte> record = Record(Position);
        if (record.IsEmpty || JournalRecord.SequenceOf(record) != Next || !JournalRecord.Open(key, header, record))
            return false;
        kind = record[JournalRecord.HeadSize];
        payload = record[JournalRecord.PayloadAt..^Aead.TagSize];
        Position += record.Length;
        Next++;
        return true;
    }

    /// <summary>Looks at what stands behind the last record.</summary>
    /// <param name="authentic">Whether a later record of this file is among it.</param>
    /// <returns>Offset of the first byte that is not zero, -1 if there is none.</returns>
    public long FindRest(out bool authentic)
    {
        long first = -1;
        authentic = false;
        for (long at = SkipZeros(Position); at >= 0; at = SkipZeros(at + 1))
        {
            if (first < 0)
                first = at;
            // A head starts with its length, whose first byte may be zero: up to three zeros belong to it.
            for (long head = Math.Max(Position, at - 3); head <= at && !authentic; head++)
                authentic = IsLaterRecord(head);
            if (authentic)
                break;
        }
        return first;
    }

    private bool IsLaterRecord(long at)
    {
        Span<byte> record = Record(at);
        if (record.IsEmpty)
            return false;
        ulong sequence = JournalRecord.SequenceOf(record);
        return sequence >= Next && sequence - Next < SequencesAhead && JournalRecord.Open(key, header, record.ToArray());
    }

    private Span<byte> Record(long at)
    {
        Span<byte> head = Window(at, JournalRecord.HeadSize);
        if (head.Length < JournalRecord.HeadSize)
            return default;
        int length = JournalRecord.LengthOf(head);
        if (length == 0)
            return default;
        Span<byte> record = Window(at, length);
        return record.Length == length ? record : default;
    }

    private long SkipZeros(long at)
    {
        while (true)
        {
            Span<byte> some = Window(at, window.Length / 2);
            if (some.IsEmpty)
                return -1;
            int index = some.IndexOfAnyExcept((byte)0);
            if (index >= 0)
                return at + index;
            at += some.Length;
        }
    }

    /// <summary>Up to <paramref name="count"/> bytes from <paramref name="at"/>; fewer only at the end of the file.</summary>
    private Span<byte> Window(long at, int count)
    {
        if (at < start || at + count > start + filled)
        {
            filled = file.Read(window, at);
            start = at;
        }
        int offset = (int)(at - start);
        return window.AsSpan(offset, Math.Min(count, filled - offset));
    }
}
