namespace ClawFS.Vectors;

/// <summary>What "near" means. Distances are smaller for nearer vectors, under every metric.</summary>
public enum Metric
{
    /// <summary>Distance = 1 - cosine of the angle, 0..2. Vectors are scaled to length 1 when they are added; a zero vector is at distance 1 from everything.</summary>
    Cosine,

    /// <summary>Distance = -(inner product). Longer vectors are nearer.</summary>
    Dot,

    /// <summary>Distance = squared Euclidean distance.</summary>
    L2,
}
