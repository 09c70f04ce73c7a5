using System.Runtime.InteropServices;

namespace ClawOS.Bench.Hnsw.Data;

/// <summary>The .fvecs format of the TEXMEX collections: per vector its dimension as a little-endian int, then that many floats.</summary>
internal static class Fvecs
{
    /// <summary>Reads the first vectors of a file.</summary>
    /// <exception cref="InvalidDataException">A dimension outside 2..4096, or not the same for all; a torn end.</exception>
    public static float[][] Read(string path, int most = int.MaxValue)
    {
        using FileStream file = File.OpenRead(path);
        List<float[]> vectors = [];
        Span<byte> head = stackalloc byte[4];
        while (vectors.Count < most && file.ReadAtLeast(head, 4, throwOnEndOfStream: false) == 4)
        {
            int dimension = BitConverter.ToInt32(head);
            if (dimension is < 2 or > 4096 || (vectors.Count > 0 && vectors[0].Length != dimension))
                throw new InvalidDataException($"{path}: vector {vectors.Count} has {dimension} dimensions");
            float[] vector = new float[dimension];
            if (file.ReadAtLeast(MemoryMarshal.AsBytes(vector.AsSpan()), dimension * 4, throwOnEndOfStream: false) != dimension * 4)
                throw new InvalidDataException($"{path}: vector {vectors.Count} is cut off");
            vectors.Add(vector);
        }

        return [.. vectors];
    }

    public static void Write(string path, IEnumerable<float[]> vectors)
    {
        string partial = path + ".partial";
        using (FileStream file = File.Create(partial))
        {
            foreach (float[] vector in vectors)
            {
                file.Write(BitConverter.GetBytes(vector.Length));
                file.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
            }
        }

        File.Move(partial, path, overwrite: true);
    }
}
