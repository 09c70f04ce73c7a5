namespace ClawFS.Search.Semantic;

/// <summary>What a question is to a model.</summary>
/// <param name="Vector">Of length 1; empty without one.</param>
/// <param name="KnownShare">The share of the question's weight that the vector stands for, 0 to 1; 1 for a model that reads whole texts.</param>
internal readonly record struct QueryVector(float[] Vector, float KnownShare)
{
    /// <summary>No vector: words alone answer.</summary>
    public static readonly QueryVector None = new([], 0);

    /// <summary>Whether there is a vector.</summary>
    public bool IsNone => Vector.Length == 0;
}
