using System.Text;

namespace ClawFS.Vfs;

/// <summary>A symbolic link with a fixed target. Targets should be relative: a view is bound to places that fs does not know.</summary>
public sealed class GeneratedLink : GeneratedNode
{
    private readonly byte[] _target;
    private readonly Timestamp _made = Timestamp.Now;

    /// <summary>Makes a link to <paramref name="target"/>, 1 to 4095 bytes of UTF-8.</summary>
    public GeneratedLink(string target) : base(FileMode.SymLink | 0x1FF)
    {
        _target = Encoding.UTF8.GetBytes(target);
        ArgumentOutOfRangeException.ThrowIfZero(_target.Length, nameof(target));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_target.Length, 4095, nameof(target));
    }

    internal ReadOnlySpan<byte> Target => _target;

    /// <inheritdoc/>
    protected internal override NodeShape Measure() => new((ulong)_target.Length, _made, 0);
}
