using ClawFS.Crypto;
using ClawFS.Search.Index;
using ClawFS.Search.Semantic;
using ClawFS.Store;
using ClawFS.Vectors;

namespace ClawOS.Bench.Hnsw;

/// <summary>Vectors in a hidden file of a store of its own, read as the search index reads them: what a compact index ranks by.</summary>
internal sealed class StoredVectors : IDisposable
{
    private const int AtOnce = 256;
    private readonly string path;
    private readonly SecretKey key = SecretKey.Random();
    private readonly ClawStore store;
    private readonly VectorRows rows;
    private readonly int dimensions;

    /// <summary>All of a set.</summary>
    public StoredVectors(string path, float[][] vectors)
        : this(path, vectors[0].Length)
    {
        for (int from = 0; from < vectors.Length; from += AtOnce)
            Append(from, vectors.AsSpan(from, Math.Min(AtOnce, vectors.Length - from)));
    }

    /// <summary>None so far.</summary>
    public StoredVectors(string path, int dimensions)
    {
        this.path = path;
        this.dimensions = dimensions;
        Directory.CreateDirectory(path);
        Guid id = Guid.NewGuid();
        ClawStore.Create(path, key, id);
        store = ClawStore.Open(path, key, id);
        rows = new VectorRows(() => new HiddenFile(store.Tree, "rows"), dimensions);
    }

    /// <summary>Stores vectors under labels that begin with a number.</summary>
    public void Append(int first, ReadOnlySpan<float[]> vectors)
    {
        ChunkToEmbed[] chunks = [.. Enumerable.Range(first, vectors.Length).Select(static i => new ChunkToEmbed((uint)i, (ulong)i + 1, default, ""))];
        float[] batch = new float[vectors.Length * dimensions];
        for (int i = 0; i < vectors.Length; i++)
            vectors[i].CopyTo(batch, i * dimensions);
        rows.Put(chunks, batch);
        rows.Flush();
    }

    public VectorSource Source => rows;

    /// <summary>Bytes of memory that finding a row takes, a vector.</summary>
    public double BytesPerVector(int count) => (double)rows.MemoryBytes / count;

    public void Dispose()
    {
        store.Dispose();
        key.Dispose();
        Directory.Delete(path, recursive: true);
    }
}
