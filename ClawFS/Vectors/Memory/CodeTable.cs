namespace ClawFS.Vectors.Memory;

/// <summary>
/// The 8-bit codes of all slots under one scale: code = round(component * Scale), at most 127 either way. A change of scale makes a new table; readers stay with the one they took.
/// </summary>
internal sealed unsafe class CodeTable(int stride, float scale)
{
    /// <summary>Codes for one component's unit; 0 until the first vector is seen.</summary>
    public float Scale { get; private set; } = scale;

    /// <summary>Sets the scale of a table that has none, before its first row.</summary>
    public void Begin(float first) => Scale = first;

    public Column Column { get; } = new(stride, true);

    /// <summary>The row of slot 0.</summary>
    public sbyte* Address => (sbyte*)Column.Address;

    /// <summary>Codes a vector; what is past its end stays as it is.</summary>
    public static void Encode(ReadOnlySpan<float> vector, float scale, sbyte* into)
    {
        for (int i = 0; i < vector.Length; i++)
            into[i] = (sbyte)Math.Clamp(MathF.Round(vector[i] * scale), -127f, 127f);
    }
}
