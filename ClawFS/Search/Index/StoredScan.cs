using System.Buffers;
using System.Buffers.Binary;
using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>
/// Searches the vectors of a saved generation while its graph is being loaded: every row is read and measured, so the answer is exact and takes as long as that. Safe for several threads.
/// </summary>
/// <param name="rows">The rows, as <see cref="VectorRows"/> has written them.</param>
/// <param name="dimensions">Floats of a row.</param>
/// <param name="chunks">The chunks by what they are made of; not changed any more.</param>
internal sealed class StoredScan(HiddenFile rows, int dimensions, ChunkIdentities chunks)
{
    private const int MostAtOnce = 256 << 10;

    /// <summary>The nearest chunks.</summary>
    /// <param name="vector">Of length 1.</param>
    /// <param name="allowed">A bit for each chunk that may be found, or null for all.</param>
    /// <param name="results">Gets chunks and cosines, best first.</param>
    /// <returns>How many were found; fewer when the store is closed meanwhile.</returns>
    public int Search(ReadOnlySpan<float> vector, ulong[]? allowed, Span<ScoredChunk> results)
    {
        int stride = VectorRows.IdBytes + (dimensions * sizeof(float));
        int atOnce = Math.Max(1, MostAtOnce / stride);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(atOnce * stride);
        float[] row = new float[dimensions];
        BestChunks best = new(results);
        // Rows of equal chunks say the same of each of them.
        HashSet<ulong> several = [];
        try
        {
            long position = 0;
            for (int got = Read(position, buffer.AsSpan(0, atOnce * stride)); got >= stride; got = Read(position, buffer.AsSpan(0, atOnce * stride)))
            {
                for (int at = 0; at + stride <= got; at += stride)
                {
                    ulong id = BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at));
                    if (!chunks.TryFind(id, out uint chunk) || (chunks.After(chunk) is not null && !several.Add(id)))
                    {
                        continue;
                    }
                    FloatBytes.Read(buffer.AsSpan(at + VectorRows.IdBytes), row);
                    float cosine = Cosine(vector, row);
                    for (uint? next = chunk; next is { } each; next = chunks.After(each))
                    {
                        if (allowed is null || (each / 64 < allowed.Length && (allowed[each / 64] >> (int)(each % 64) & 1) != 0))
                        {
                            best.Offer(new(each, cosine));
                        }
                    }
                }
                position += got / stride * stride;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        best.Sort();
        return best.Count;
    }

    private int Read(long position, Span<byte> buffer)
    {
        try
        {
            return rows.Read(position, buffer);
        }
        catch (StoreException)
        {
            // Closed, or damaged, which the store has said in sys/errors: what was found so far is the answer.
            return 0;
        }
    }

    private static float Cosine(ReadOnlySpan<float> unit, ReadOnlySpan<float> row)
    {
        float square = DenseRows.Dot(row, row);
        return square > 0 ? DenseRows.Dot(unit, row) / MathF.Sqrt(square) : 0;
    }
}
