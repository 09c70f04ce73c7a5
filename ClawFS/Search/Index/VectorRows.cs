using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using ClawFS.Search.Semantic;
using ClawFS.Store;
using ClawFS.Vectors;

namespace ClawFS.Search.Index;

/// <summary>
/// The full vectors of a generation in a hidden file: rows of one length, each behind the identity of what it was made of (<see cref="ChunkIdentity"/>), which tells a row that has been given to another chunk
/// meanwhile. One thread writes, any number read beside it. What the store does not take stays in memory until it does.
/// </summary>
/// <param name="open">Opens the file, or makes it; null: the vectors stay in memory.</param>
/// <param name="dimensions">Floats of a vector.</param>
internal sealed class VectorRows(Func<HiddenFile>? open, int dimensions) : VectorSource
{
    /// <summary>Bytes of the identity before a row's floats.</summary>
    public const int IdBytes = 8;


    private const int MostAtOnce = 256 << 10;

    private readonly Stack<uint> free = new();
    private readonly ConcurrentDictionary<uint, float[]> unwritten = new();
    private readonly ConcurrentQueue<uint> lost = new();
    private volatile Place[] places = new Place[1024];
    private HiddenFile? file;
    private uint used;

    /// <summary>Bytes of a row.</summary>
    public int Stride { get; } = IdBytes + (dimensions * sizeof(float));

    /// <summary>Bytes of the file.</summary>
    public long StoredBytes => (long)Volatile.Read(ref used) * Stride;

    /// <summary>Bytes in memory.</summary>
    public long MemoryBytes => (places.Length * 16L) + (unwritten.Count * (Stride + 64L));

    /// <summary>Whether rows are in memory that the store should have.</summary>
    public bool IsBehind => open is not null && !unwritten.IsEmpty;

    /// <summary>The row of a chunk and its identity; 0 when it has none.</summary>
    public (uint Row, ulong Id) this[uint chunk]
    {
        get
        {
            Place[] now = places;
            return chunk < now.Length ? (now[chunk].Row, now[chunk].Id) : default;
        }
    }

    /// <summary>Gives chunks rows; <see cref="Flush"/> brings them into the store.</summary>
    /// <param name="chunks">Without a row so far.</param>
    /// <param name="vectors">Of each in turn; all zeros: it gets none.</param>
    public void Put(IReadOnlyList<ChunkToEmbed> chunks, ReadOnlySpan<float> vectors)
    {
        for (int i = 0; i < chunks.Count; i++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(i * dimensions, dimensions);
            if (vector.ContainsAnyExcept(0f))
            {
                unwritten[chunks[i].Chunk] = vector.ToArray();
                PlaceOf(chunks[i].Chunk) = new(free.TryPop(out uint row) ? row : ++used, chunks[i].Id);
            }
        }
    }

    /// <summary>Brings what is only in memory into the store.</summary>
    /// <exception cref="StoreException">It takes no more; what it has not taken stays in memory.</exception>
    public void Flush()
    {
        if (open is null || unwritten.IsEmpty)
        {
            return;
        }
        file ??= open();
        uint[] chunks = [.. unwritten.Keys.OrderBy(chunk => places[chunk].Row)];
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(MostAtOnce, Stride));
        try
        {
            for (int from = 0, to; from < chunks.Length; from = to)
            {
                uint first = places[chunks[from]].Row;
                for (to = from; to < chunks.Length && places[chunks[to]].Row == first + (uint)(to - from) && (to - from + 1) * Stride <= buffer.Length; to++)
                {
                    Span<byte> row = buffer.AsSpan((to - from) * Stride, Stride);
                    BinaryPrimitives.WriteUInt64LittleEndian(row, places[chunks[to]].Id);
                    FloatBytes.Write(unwritten[chunks[to]], row[IdBytes..]);
                }
                file.Write((first - 1L) * Stride, buffer.AsSpan(0, (to - from) * Stride));
                foreach (uint written in chunks.AsSpan(from..to))
                {
                    unwritten.TryRemove(written, out _);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes a chunk's row back.</summary>
    public void Remove(uint chunk)
    {
        if (chunk < places.Length && places[chunk].Row != 0)
        {
            free.Push(places[chunk].Row);
            places[chunk] = default;
            unwritten.TryRemove(chunk, out _);
        }
    }

    /// <summary>Reads the file of before.</summary>
    /// <returns>Rows that it has.</returns>
    public uint Reopen(HiddenFile before)
    {
        file = before;
        return (uint)Math.Min(file.Length / Stride, uint.MaxValue - 1);
    }

    /// <summary>A chunk that has a row in the file from before.</summary>
    public void Restore(uint chunk, uint row, ulong id)
    {
        PlaceOf(chunk) = new(row, id);
        used = Math.Max(used, row);
    }

    /// <summary>Ends restoring: the rows that nobody has are free.</summary>
    public void Restored()
    {
        bool[] taken = new bool[used + 1];
        foreach (Place place in places)
        {
            taken[place.Row] = true;
        }
        for (uint row = used; row > 0; row--)
        {
            if (!taken[row])
            {
                free.Push(row);
            }
        }
    }

    /// <summary>A chunk whose row could not be read, or is another's: it wants a new one.</summary>
    public bool TryTakeLost(out uint chunk) => lost.TryDequeue(out chunk);

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<uint> labels, Span<float> rows)
    {
        for (int from = 0, to; from < labels.Length; from = to)
        {
            to = from + 1;
            Span<float> into = rows.Slice(from * dimensions, dimensions);
            if (unwritten.TryGetValue(labels[from], out float[]? vector))
            {
                vector.CopyTo(into);
                continue;
            }
            uint first = this[labels[from]].Row;
            // Rows that follow each other are read together: that is how they lie when an index is loaded.
            while (first != 0 && to < labels.Length && this[labels[to]].Row == first + (uint)(to - from) && (to - from + 1) * Stride <= MostAtOnce && !unwritten.ContainsKey(labels[to]))
            {
                to++;
            }
            ReadRun(labels[from..to], first, rows.Slice(from * dimensions, (to - from) * dimensions));
        }
    }

    private void ReadRun(ReadOnlySpan<uint> chunks, uint first, Span<float> rows)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(chunks.Length * Stride);
        Span<byte> bytes = buffer.AsSpan(0, chunks.Length * Stride);
        int got = first == 0 ? 0 : TryRead((first - 1L) * Stride, bytes);
        for (int i = 0; i < chunks.Length; i++)
        {
            Span<float> into = rows.Slice(i * dimensions, dimensions);
            ReadOnlySpan<byte> row = bytes.Slice(i * Stride, Stride);
            if ((i + 1) * Stride <= got && BinaryPrimitives.ReadUInt64LittleEndian(row) == this[chunks[i]].Id)
            {
                FloatBytes.Read(row[IdBytes..], into);
                continue;
            }
            into.Fill(float.NaN);
            if (this[chunks[i]].Row != 0)
            {
                lost.Enqueue(chunks[i]);
            }
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private int TryRead(long offset, Span<byte> buffer)
    {
        try
        {
            return file?.Read(offset, buffer) ?? 0;
        }
        catch (StoreException)
        {
            // The store has said so in sys/errors; the chunks get other rows.
            return 0;
        }
    }

    private ref Place PlaceOf(uint chunk)
    {
        if (chunk >= places.Length)
        {
            Place[] larger = new Place[Math.Max(chunk + 1L, places.Length * 3L / 2)];
            places.CopyTo(larger, 0);
            places = larger;
        }
        return ref places[chunk];
    }

    private readonly record struct Place(uint Row, ulong Id);
}
