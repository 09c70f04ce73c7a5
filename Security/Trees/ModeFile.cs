using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>`policy/mode`: "enforce" or "audit".</summary>
internal sealed class ModeFile(LivePolicies policies, ErrorLog errors) : WritableFile(errors, capacity: 64)
{
    public const string FileName = "mode";

    /// <inheritdoc/>
    protected override byte[] Render() => policies.State?.Mode switch
    {
        null => [],
        PolicyMode.Audit => "audit\n"u8.ToArray(),
        _ => "enforce\n"u8.ToArray(),
    };

    /// <inheritdoc/>
    protected override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        file = null;
        return policies.State is null ? Errno.ENOKEY : base.Open(request, flags, shape, out file);
    }

    /// <inheritdoc/>
    protected override Rejection? CheckLine(ReadOnlySpan<byte> line) =>
        ModeOf(line) is null ? new("the mode is enforce or audit") : null;

    /// <inheritdoc/>
    protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content)
    {
        if (ModeOf(content.TrimEnd((byte)'\n')) is not { } mode)
        {
            return new("one line is wanted: enforce or audit");
        }

        lock (policies.Gate)
        {
            return policies.Change(state => state with { Mode = mode });
        }
    }

    private static PolicyMode? ModeOf(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("enforce"u8) ? PolicyMode.Enforce : text.SequenceEqual("audit"u8) ? PolicyMode.Audit : null;
}
