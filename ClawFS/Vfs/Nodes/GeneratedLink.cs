using System.Text;

namespace ClawFS.Vfs;

/// <summary>A symbolic link with a fixed target. Targets should be relative: a view is bound to places that fs does not know.</summary>
public sealed class GeneratedLink : GeneratedNode
{
    private readonly byte[] bytes;
    private readonly Timestamp made = Timestamp.Now;

    /// <summary>Makes a link to <paramref name="target"/>, 1 to 4095 bytes of UTF-8.</summary>
    public GeneratedLink(string target) : base(FileMode.SymLink | 0x1FF)
    {
        bytes = Encoding.UTF8.GetBytes(target);
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length, nameof(target));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, 4095, nameof(target));
    }

    internal ReadOnlySpan<byte> Target => bytes;

    /// <inheritdoc/>
    protected internal override NodeShape Measure() => new((ulong)bytes.Length, made, 0);
}
