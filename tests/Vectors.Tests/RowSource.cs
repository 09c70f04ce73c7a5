using System.Collections.Concurrent;

namespace ClawFS.Vectors.Tests;

/// <summary>Vectors by label, as a store would hold them.</summary>
internal sealed class RowSource(int dimensions) : VectorSource
{
    private int reads;

    public ConcurrentDictionary<uint, float[]> Rows { get; } = new();

    public int Reads => reads;

    public override void Read(ReadOnlySpan<uint> labels, Span<float> rows)
    {
        Interlocked.Add(ref reads, labels.Length);
        for (int i = 0; i < labels.Length; i++)
        {
            Span<float> row = rows.Slice(i * dimensions, dimensions);
            if (Rows.TryGetValue(labels[i], out float[]? vector))
                vector.CopyTo(row);
            else
                row.Fill(float.NaN);
        }
    }
}
