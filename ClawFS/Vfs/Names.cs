using System.Diagnostics.CodeAnalysis;

namespace ClawFS.Vfs;

/// <summary>Compares names byte by byte and finds them by span, so that a lookup allocates nothing.</summary>
internal sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    /// <summary>The only instance.</summary>
    public static NameComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x is null || y is null ? ReferenceEquals(x, y) : x.AsSpan().SequenceEqual(y);
    public int GetHashCode([DisallowNull] byte[] name) => GetHashCode(name.AsSpan());
    public bool Equals(ReadOnlySpan<byte> span, byte[] name) => span.SequenceEqual(name);
    public byte[] Create(ReadOnlySpan<byte> span) => span.ToArray();

    public int GetHashCode(ReadOnlySpan<byte> span)
    {
        HashCode hash = new();
        hash.AddBytes(span);
        return hash.ToHashCode();
    }
}
