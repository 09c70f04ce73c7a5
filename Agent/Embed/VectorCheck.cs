namespace ClawOS.Embed;

/// <summary>Whether what a model or server gave are vectors.</summary>
internal static class VectorCheck
{
    /// <summary>What is wrong with them, or null.</summary>
    internal static string? FaultOf(float[][] vectors, int count, int dimensions) =>
        vectors.Length != count ? $"{count} texts were asked for and {vectors.Length} vectors came"
        : vectors.FirstOrDefault(vector => vector.Length != dimensions) is { } odd ? $"a vector has {odd.Length} dimensions instead of {dimensions}"
        : vectors.Any(static vector => !vector.All(float.IsFinite)) ? "a vector has a number that is not finite"
        : null;
}
