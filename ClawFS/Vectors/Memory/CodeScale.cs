namespace ClawFS.Vectors.Memory;

/// <summary>
/// Finds the scale of codes: 127 for the 99.95th percentile of the components' sizes in a sample, larger ones are cut. A sample is the first vectors after a check was due, one in
/// sixteen later. Looked at when the index has grown fourfold since the last time.
/// </summary>
internal sealed class CodeScale(int dimensions)
{
    private const int MostValues = 1 << 16;
    private const double Share = 0.9995;
    private readonly float[] sizes = new float[Math.Max(MostValues, dimensions)];
    private int held;
    private long seen;
    private long due = 1;

    /// <summary>Whether the scale wants to be looked at.</summary>
    public bool Due => Volatile.Read(ref seen) >= Volatile.Read(ref due);

    /// <summary>Takes a vector into the sample. One thread at a time.</summary>
    public void Observe(ReadOnlySpan<float> vector)
    {
        seen++;
        // The newest samples overwrite the oldest, a vector in sixteen once there are 1,024.
        if (seen > 1024 && seen % 16 != 0)
            return;
        foreach (float value in vector)
            sizes[held++ % sizes.Length] = Math.Abs(value);
        if (held >= 2 * sizes.Length)
            held -= sizes.Length;
    }

    /// <summary>Goes on with an index that was loaded: its scale is good until it has grown fourfold.</summary>
    public void Resume(long vectors)
    {
        seen = vectors;
        due = Math.Max(256, vectors * 4);
    }

    /// <summary>The scale that the sample asks for; the next look is due at four times as many vectors.</summary>
    public float Measure()
    {
        due = seen < 256 ? 256 : seen * 4;
        float[] sorted = sizes[..Math.Min(held, sizes.Length)];
        Array.Sort(sorted);
        int nonZero = Array.FindIndex(sorted, value => value > 0);
        if (nonZero < 0)
            return 1;
        float size = sorted[nonZero + (int)((sorted.Length - 1 - nonZero) * Share)];
        return Math.Min(127 / size, 1e30f);
    }
}
