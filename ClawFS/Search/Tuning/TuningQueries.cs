using System.Numerics;

namespace ClawFS.Search.Tuning;

/// <summary>
/// Questions for a measurement, with their true answers. A question is 0.8 of one passage's vector and 0.6 of another's, both drawn with a fixed seed: it lies among the store's own
/// vectors, and none of them is its answer by construction, as it would be if a stored vector were asked for. The truth is exact: every vector is measured.
/// </summary>
internal sealed class TuningQueries
{
    /// <summary>How many nearest are asked for.</summary>
    public const int K = 10;

    /// <summary>Questions of a measurement.</summary>
    public const int Count = 200;

    private const float Near = 0.8f, Far = 0.6f;

    private readonly float[][] vectors;
    private readonly PriorityQueue<uint, float>[] nearest;

    private TuningQueries(float[][] vectors)
    {
        this.vectors = vectors;
        nearest = [.. vectors.Select(static _ => new PriorityQueue<uint, float>())];
    }

    /// <summary>The questions, of length 1.</summary>
    public IReadOnlyList<float[]> Vectors => vectors;

    /// <summary>Draws the questions.</summary>
    /// <param name="labels">Labels with a vector, at least two.</param>
    /// <param name="dimensions">Floats of a vector.</param>
    /// <param name="copy">Copies the vector of a label; false: it has none any more.</param>
    public static TuningQueries Draw(uint[] labels, int dimensions, VectorCopy copy)
    {
        Random random = new(1);
        List<float[]> drawn = [];
        float[] other = new float[dimensions];
        for (int tries = 0; drawn.Count < Count && tries < 10 * Count; tries++)
        {
            float[] vector = new float[dimensions];
            if (copy(labels[random.Next(labels.Length)], vector) && copy(labels[random.Next(labels.Length)], other))
            {
                drawn.Add(Mix(vector, other));
            }
        }
        return new TuningQueries([.. drawn]);
    }

    /// <summary>Measures one vector of the index against all questions.</summary>
    public void Observe(uint label, ReadOnlySpan<float> vector)
    {
        for (int i = 0; i < vectors.Length; i++)
        {
            float likeness = Dot(vectors[i], vector);
            if (nearest[i].Count < K)
            {
                nearest[i].Enqueue(label, likeness);
            }
            else
            {
                nearest[i].EnqueueDequeue(label, likeness);
            }
        }
    }

    /// <summary>How many of the true answers to a question are among the labels.</summary>
    public int Found(int query, IEnumerable<uint> labels)
    {
        HashSet<uint> found = [.. labels];
        return nearest[query].UnorderedItems.Count(item => found.Contains(item.Element));
    }

    private static float[] Mix(float[] vector, float[] other)
    {
        double square = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = (Near * vector[i]) + (Far * other[i]);
            square += vector[i] * vector[i];
        }
        float factor = square == 0 ? 1 : (float)(1 / Math.Sqrt(square));
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] *= factor;
        }
        return vector;
    }

    private static float Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= one.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            sum += new Vector<float>(one[i..]) * new Vector<float>(other[i..]);
        }
        float dot = Vector.Sum(sum);
        for (; i < one.Length; i++)
        {
            dot += one[i] * other[i];
        }
        return dot;
    }
}

/// <summary>Copies the vector of a label, of length 1; false: it has none.</summary>
internal delegate bool VectorCopy(uint label, Span<float> vector);
