namespace ClawFS.Vectors;

/// <summary>Exact search by measuring every vector: what an index is judged by. In plain arithmetic, apart from the kernels of the index.</summary>
public static class BruteForce
{
    /// <summary>Finds the k nearest.</summary>
    /// <param name="metric">What "near" means.</param>
    /// <param name="vectors">Labels and their vectors.</param>
    /// <param name="query">A vector of the same length.</param>
    /// <param name="k">Hits wanted.</param>
    /// <param name="filter">Labels that may be returned, or null for all.</param>
    /// <returns>The hits, nearest first, equal ones by label; fewer than k when there are no more.</returns>
    public static Neighbour[] Search(Metric metric, IEnumerable<(uint Label, float[] Vector)> vectors, ReadOnlySpan<float> query, int k, LabelBitmap? filter = null)
    {
        PriorityQueue<Neighbour, (float, uint)> nearest = new(Comparer<(float, uint)>.Create((one, other) => other.CompareTo(one)));
        foreach ((uint label, float[] vector) in vectors)
        {
            if (filter is not null && !filter.Contains(label))
                continue;
            float distance = Distance(metric, query, vector);
            nearest.Enqueue(new Neighbour(label, distance), (distance, label));
            if (nearest.Count > k)
                nearest.Dequeue();
        }

        Neighbour[] hits = new Neighbour[nearest.Count];
        for (int i = hits.Length - 1; i >= 0; i--)
            hits[i] = nearest.Dequeue();
        return hits;
    }

    /// <summary>The distance of two vectors, accumulated in double precision.</summary>
    /// <exception cref="ArgumentException">They have different lengths.</exception>
    public static float Distance(Metric metric, ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        if (one.Length != other.Length)
            throw new ArgumentException("The vectors have different lengths.", nameof(other));
        double dot = 0, square = 0, first = 0, second = 0;
        for (int i = 0; i < one.Length; i++)
        {
            double a = one[i], b = other[i];
            dot += a * b;
            square += (a - b) * (a - b);
            first += a * a;
            second += b * b;
        }

        return metric switch
        {
            Metric.Dot => (float)-dot,
            Metric.L2 => (float)square,
            _ => first == 0 || second == 0 ? 1 : (float)(1 - (dot / Math.Sqrt(first * second))),
        };
    }
}
