using System.Buffers.Binary;
using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;
using ClawFS.Store;
using ClawFS.Vectors;

namespace ClawFS.Search.Index;

/// <summary>
/// Puts a saved generation together for the chunks of this session. The log is read twice: first to learn which row of a slot is its last, then to take those, so that what lies in memory is hardly more than the
/// graph itself. Chunks are found again by what they are made of; a vector whose chunk is gone stays as a removed one, a chunk without a vector is the caller's to add.
/// </summary>
internal sealed class GenerationReader
{
    /// <summary>A graph with more slots than these is refused if most of them are empty: it is smaller made anew, and memory is not given to a wrong number.</summary>
    private const long SparseSlots = 1 << 16, SlotsPerRow = 16;

    private readonly StoredTree tree;
    private readonly IndexState state;
    private readonly CancellationToken stop;
    private readonly Func<string, int, EmbeddingModel?> findModel;
    private readonly RecordLog log;
    private readonly TaskCompletionSource<EmbeddingModel> modelRead = new();
    // Of each identity that was met, the chunk that takes the next vector; null: all have one.
    private readonly Dictionary<ulong, uint?> untaken = [];
    private readonly List<(uint Slot, GenerationRecord Kind, long Position)> open = [];
    private readonly byte[] header = new byte[HnswIndex.HeaderLength];
    private long[] links = [];
    private long[] codes = [];
    private ChunkIdentities? chunks;
    private GenerationHead? head;
    private EmbeddingModel? model;
    private long end;
    private int live;

    private GenerationReader(StoredTree tree, int number, IndexState state, Func<string, int, EmbeddingModel?> findModel, CancellationToken stop)
    {
        this.findModel = findModel;
        this.tree = tree;
        this.state = state;
        this.stop = stop;
        log = new RecordLog(tree, GenerationFiles.Log(number), GenerationFiles.LogMagic);
    }

    /// <summary>Reads a generation.</summary>
    /// <param name="tree">The store.</param>
    /// <param name="number">Which one.</param>
    /// <param name="state">The chunks of now.</param>
    /// <param name="findModel">Gives a model that the store keeps no more of than its name and dimensions; null if it is not wanted any more.</param>
    /// <param name="isReadOnly">Whether nothing can be saved.</param>
    /// <param name="warm">Told of the vectors as soon as they can be searched by reading all of them, on a thread of its own.</param>
    /// <param name="stop">Ends the work soon with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The generation, held once for the caller.</returns>
    /// <exception cref="InvalidDataException">It is of no use, with the reason: it has to be made anew.</exception>
    /// <exception cref="StoreException">The store is damaged or closed.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public static Generation Read(StoredTree tree, int number, IndexState state, Func<string, int, EmbeddingModel?> findModel, bool isReadOnly, Action<VectorView> warm, CancellationToken stop)
    {
        if (!HiddenFile.Exists(tree, GenerationFiles.Log(number)) || !HiddenFile.Exists(tree, GenerationFiles.Rows(number)))
        {
            throw new InvalidDataException("their files are gone");
        }
        GenerationReader reader = new(tree, number, state, findModel, stop);
        // Neither needs the log, and each takes as long as a good part of it.
        Task<TermStatistics> counting = Task.Run(() =>
        {
            reader.chunks = new(state.Chunks);
            return TermStatistics.Of(state.Words);
        });
        _ = reader.WarmAsync(number, counting, warm);
        try
        {
            reader.log.Load(reader.Note, stop);
        }
        finally
        {
            counting.Wait(CancellationToken.None);
        }
        return reader.Build(number, isReadOnly, counting.Result);
    }

    /// <summary>First reading: where the last row of each slot is.</summary>
    private void Note(byte kind, long position, RecordReader record)
    {
        switch ((GenerationRecord)kind)
        {
            case GenerationRecord.Head:
                head = GenerationHead.Read(record);
                break;
            case GenerationRecord.Model:
                ReadModel(record.Rest());
                break;
            case GenerationRecord.Links or GenerationRecord.Codes or GenerationRecord.Free:
                open.Add(((uint)record.Count((int)HnswIndex.MostSlots), (GenerationRecord)kind, position));
                break;
            case GenerationRecord.Commit:
                record.Take(header.Length).CopyTo(header);
                Commit();
                end = position + RecordLog.RecordHeader + header.Length;
                break;
            default:
                throw new InvalidDataException($"their log has a record of kind {kind}");
        }
    }

    private void ReadModel(ReadOnlySpan<byte> bytes)
    {
        if (head is null || model is not null)
        {
            throw new InvalidDataException("their model stands where none belongs");
        }
        if (head.Terms > state.Terms.Count || head.TermsHash != GenerationHead.HashOf(state.Terms, head.Terms))
        {
            throw new InvalidDataException("they are of other terms than the index");
        }
        model = head.Model == LsiModel.LsiName ? LsiModel.Parse(bytes, head.Terms) : findModel(head.Model, head.Dimensions) ?? throw new InvalidDataException($"their model {head.Model} is not wanted any more");
        if (model.Dimensions != head.Dimensions)
        {
            throw new InvalidDataException("their model has other dimensions");
        }
        modelRead.TrySetResult(model);
    }

    /// <summary>What was read since the last commit counts.</summary>
    private void Commit()
    {
        foreach ((uint slot, GenerationRecord kind, long position) in open)
        {
            if (slot >= links.Length)
            {
                if (slot > SparseSlots + position)
                {
                    throw new InvalidDataException($"their log speaks of slot {slot}");
                }
                Array.Resize(ref links, (int)Math.Max(slot + 1L, links.Length * 3L / 2));
                Array.Resize(ref codes, links.Length);
            }
            live += (kind == GenerationRecord.Links && links[slot] == 0 ? 1 : 0) - (kind == GenerationRecord.Free && links[slot] != 0 ? 1 : 0);
            if (kind != GenerationRecord.Codes)
            {
                links[slot] = kind == GenerationRecord.Free ? 0 : position;
            }
            if (kind != GenerationRecord.Links)
            {
                codes[slot] = kind == GenerationRecord.Free ? 0 : position;
            }
        }
        open.Clear();
    }

    private Generation Build(int number, bool isReadOnly, TermStatistics statistics)
    {
        if (head is null || model is null || end == 0 || head.Number != number)
        {
            throw new InvalidDataException("they were not saved to the end");
        }
        VectorRows rows = new(isReadOnly ? null : () => new HiddenFile(tree, GenerationFiles.Rows(number)), head.Dimensions);
        uint stored = rows.Reopen(new HiddenFile(tree, GenerationFiles.Rows(number)));
        HnswIndex graph = ReadGraph(rows, stored);
        try
        {
            if (!isReadOnly)
            {
                log.Cut(end);
            }
            Generation made = new(head, model, statistics, rows, graph);
            if (!isReadOnly)
            {
                made.Writer = new GenerationWriter(tree, made, state.Terms);
                made.Writer.Resume(log);
            }
            return made;
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>Second reading: takes the last row of each slot.</summary>
    private HnswIndex ReadGraph(VectorRows rows, uint stored)
    {
        using SavedIndex saved = new(header, Generation.OptionsOf(head!.Settings, head.Dimensions), rows);
        if (saved.Slots > SparseSlots + (SlotsPerRow * live))
        {
            throw new InvalidDataException($"{live} of {saved.Slots} slots of their graph are in use");
        }
        List<uint> taken = [];
        log.Load(
            (kind, position, record) =>
            {
                if ((GenerationRecord)kind is not (GenerationRecord.Links or GenerationRecord.Codes))
                {
                    return;
                }
                uint slot = (uint)record.Count((int)HnswIndex.MostSlots);
                if (slot < links.Length && codes[slot] == position)
                {
                    saved.Codes(slot, record.Rest());
                }
                else if (slot < links.Length && links[slot] == position)
                {
                    TakeLinks(saved, slot, record, rows, stored, taken);
                }
            },
            stop);
        rows.Restored();
        HnswIndex graph = saved.Finish();
        foreach (uint chunk in taken.Where(chunk => !graph.Contains(chunk)))
        {
            rows.Remove(chunk);
        }
        return graph;
    }

    /// <summary>Gives the slot the number that its chunk has now; without one it is a removed vector, through which walks still lead.</summary>
    private void TakeLinks(SavedIndex saved, uint slot, RecordReader record, VectorRows rows, uint stored, List<uint> taken)
    {
        const int StateAt = sizeof(uint);
        ulong id = record.U64();
        byte[] row = record.Rest().ToArray();
        if (row.Length <= StateAt)
        {
            throw new InvalidDataException("a row of links is cut off");
        }
        uint place = BinaryPrimitives.ReadUInt32LittleEndian(row);
        if (row[StateAt] == SavedIndex.LiveState)
        {
            if (place != 0 && place <= stored && TryTakeChunk(id, out uint chunk))
            {
                BinaryPrimitives.WriteUInt32LittleEndian(row, chunk);
                rows.Restore(chunk, place, id);
                taken.Add(chunk);
            }
            else
            {
                row[StateAt] = SavedIndex.DeadState;
            }
        }
        saved.Links(slot, row);
    }

    private bool TryTakeChunk(ulong id, out uint chunk)
    {
        uint? next = untaken.TryGetValue(id, out uint? known) ? known : chunks!.TryFind(id, out uint first) ? first : null;
        untaken[id] = next is { } taken ? chunks!.After(taken) : null;
        chunk = next ?? 0;
        return next is not null;
    }

    /// <summary>Offers a search of all rows, once model and chunks are known.</summary>
    private async Task WarmAsync(int number, Task<TermStatistics> counting, Action<VectorView> warm)
    {
        EmbeddingModel read = await modelRead.Task.ConfigureAwait(false);
        TermStatistics statistics = await counting.ConfigureAwait(false);
        StoredScan scan = new(new HiddenFile(tree, GenerationFiles.Rows(number)), read.Dimensions, chunks!);
        warm(new VectorView(read, statistics, head!.Weights, _ => scan.Search));
    }
}
