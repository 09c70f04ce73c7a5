using System.Globalization;
using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>`approvals/ID`: reading shows the card, and one write of "yes" or "no" answers.</summary>
internal sealed class ApprovalFile(Approvals approvals, PendingApproval pending)
    : GeneratedFile(OwnerOnly, Timeout.InfiniteTimeSpan)
{
    private const uint OwnerOnly = 0x180;

    private readonly byte[] text = Encoding.UTF8.GetBytes(TextOf(pending));

    internal ReadOnlySpan<byte> Text => text;

    internal string Id => pending.Id;

    internal DateTimeOffset Expires => pending.Expires;

    /// <inheritdoc/>
    protected override bool WakesFolder => true;

    /// <inheritdoc/>
    protected override byte[] Render() => text;

    /// <inheritdoc/>
    protected override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        if (!OpenFlags.Writes(flags))
        {
            return base.Open(request, flags, shape, out file);
        }

        file = new ApprovalAnswer(approvals, this);
        return Errno.Ok;
    }

    private static string TextOf(PendingApproval pending)
    {
        string card = CardText.Printable(pending.Card).TrimEnd('\n');
        string until = pending.Expires.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return $"{card}\n# Waits until {until}. Write yes or no into this file, or: claw approve {pending.Id}\n";
    }
}
