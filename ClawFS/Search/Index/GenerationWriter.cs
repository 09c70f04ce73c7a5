using System.Buffers.Binary;
using ClawFS.Search.Lexical;
using ClawFS.Store;
using ClawFS.Vectors;

namespace ClawFS.Search.Index;

/// <summary>
/// Keeps the log of one generation: what changed since the last time is appended and counts from its last record on. Links lead from slot to slot; the label of a slot is written as the number of its chunk's row and
/// the chunk's identity, so that nothing depends on the numbers that chunks have in this session. For one thread at a time, beside those that add, remove and search.
/// </summary>
/// <param name="tree">The store.</param>
/// <param name="generation">What is kept; the caller holds it.</param>
/// <param name="terms">The store's terms.</param>
internal sealed class GenerationWriter(StoredTree tree, Generation generation, TermTable terms)
{
    /// <summary>Rows that are gathered before they are appended.</summary>
    private const int Slice = 4096;

    /// <summary>The log is written anew when it is so much longer than what lives in it needs.</summary>
    private const int Slack = 3;

    private const long LeastToRewrite = 16L << 20;

    private readonly RecordWriter gathered = new();
    private readonly byte[] header = new byte[HnswIndex.HeaderLength];
    private RecordLog? log;

    /// <summary>Whether the log has all but what changed since the last save.</summary>
    public bool IsWhole => log is not null;

    /// <summary>Whether there is something to save.</summary>
    public bool IsDue => !IsWhole || generation.Graph.HasUnsaved;

    /// <summary>Bytes of the log.</summary>
    public long Length { get; private set; }

    /// <summary>Goes on with a log that was loaded and cut behind its last commit.</summary>
    public void Resume(RecordLog loaded)
    {
        log = loaded;
        Length = loaded.Length;
    }

    /// <summary>Brings the log up to now.</summary>
    /// <exception cref="StoreException">The store takes no more: what was saved before still counts; the next call writes all of it anew.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; as before.</exception>
    public void Save(CancellationToken stop)
    {
        RecordLog? into = log;
        // Until this has ended the rows that the graph has given out are in no log.
        log = null;
        if (into is null || into.Length > Math.Max(LeastToRewrite, Slack * LiveBytes))
        {
            into ??= new RecordLog(tree, GenerationFiles.Log(generation.Number), GenerationFiles.LogMagic);
            generation.Graph.MarkUnsaved();
            into.Replace(next =>
            {
                Begin(next);
                Changes(next, stop);
            });
        }
        else
        {
            Changes(into, stop);
        }
        log = into;
        Length = into.Length;
    }

    private long LiveBytes
    {
        get
        {
            // A slot's links, about half of the most it can have, its codes, the heads of both records.
            long slot = (generation.Settings.M * 6L) + generation.Dimensions + 48;
            return generation.Model.MemoryBytes + (generation.Count * slot);
        }
    }

    private void Begin(RecordLog to)
    {
        GenerationHead.Of(generation, terms).Write(gathered);
        gathered.Begin((byte)GenerationRecord.Model);
        gathered.Raw(generation.Model.ToBytes());
        gathered.End();
        Append(to);
    }

    private void Changes(RecordLog to, CancellationToken stop)
    {
        try
        {
            Sink sink = new(gathered, generation.Rows);
            // Adds wait only for the last of it, which is short: what changed while the rest was written.
            for (int given = Slice; given >= Slice;)
            {
                stop.ThrowIfCancellationRequested();
                given = generation.Graph.SaveSome(sink, Slice);
                Append(to);
            }
            generation.Graph.Save(sink, header);
            gathered.Begin((byte)GenerationRecord.Commit);
            gathered.Raw(header);
            gathered.End();
            Append(to);
        }
        finally
        {
            gathered.Clear();
        }
    }

    private void Append(RecordLog to)
    {
        to.Append(gathered);
        gathered.Clear();
    }

    private sealed class Sink(RecordWriter to, VectorRows rows) : IndexRows
    {
        private readonly byte[] number = new byte[sizeof(uint)];

        public override void Links(uint slot, ReadOnlySpan<byte> row)
        {
            (uint place, ulong id) = rows[BinaryPrimitives.ReadUInt32LittleEndian(row)];
            BinaryPrimitives.WriteUInt32LittleEndian(number, place);
            to.Begin((byte)GenerationRecord.Links);
            to.Varint(slot);
            to.U64(id);
            to.Raw(number);
            to.Raw(row[number.Length..]);
            to.End();
        }

        public override void Codes(uint slot, ReadOnlySpan<byte> row)
        {
            to.Begin((byte)GenerationRecord.Codes);
            to.Varint(slot);
            to.Raw(row);
            to.End();
        }

        public override void Free(uint slot)
        {
            to.Begin((byte)GenerationRecord.Free);
            to.Varint(slot);
            to.End();
        }
    }
}
