namespace ClawOS.Security.Policy.Toml;

/// <summary>A stretch of a source text.</summary>
/// <param name="Offset">In UTF-16 units from its beginning.</param>
/// <param name="Length">In UTF-16 units.</param>
internal readonly record struct Mark(int Offset, int Length);
