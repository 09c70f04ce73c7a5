using System.Text;
using static ClawOS.Security.GuardLink.FrameReader;

namespace ClawOS.Security.GuardLink;

/// <summary>Frames as bytes. Numbers are little-endian. docs/ipc.md is the table.</summary>
public static class GuardWire
{
    private const byte Policies = 1, ViewOpened = 2, Decision = 3;
    private const byte Hello = 0x81, Applied = 0x82, OpenView = 0x83, CloseView = 0x84, Approval = 0x85, ApprovalGone = 0x86, Runs = 0x87;

    /// <summary>Makes bytes of a frame.</summary>
    /// <param name="frame">The frame, within the limits.</param>
    /// <returns>One message.</returns>
    /// <exception cref="ArgumentException">The frame is outside the limits.</exception>
    public static byte[] Write(GuardFrame frame)
    {
        byte[] buffer = new byte[GuardLimits.MaxFrame];
        FrameWriter to = new(buffer);
        switch (frame)
        {
            case PoliciesFrame policies:
                to.Byte(Policies);
                to.Long(policies.Version);
                to.Byte((byte)policies.Mode);
                to.Short(policies.Part);
                to.Short(policies.Parts);
                to.Bytes(policies.Bytes.Span);
                break;
            case ViewOpenedFrame opened:
                to.Byte(ViewOpened);
                to.Int(opened.Request);
                to.Int(opened.Errno);
                break;
            case DecisionFrame decision:
                to.Byte(Decision);
                to.Text(decision.Id, GuardLimits.MaxName);
                to.Byte(decision.IsYes ? (byte)1 : (byte)0);
                to.Int(decision.Uid);
                break;
            case HelloFrame hello:
                to.Byte(Hello);
                to.Short(GuardLimits.Version);
                to.Int(hello.BinderThread);
                break;
            case AppliedFrame applied:
                to.Byte(Applied);
                to.Long(applied.Version);
                to.Text(Cut(applied.Text), GuardLimits.MaxText);
                break;
            case OpenViewFrame view:
                WriteView(ref to, view);
                break;
            case CloseViewFrame view:
                to.Byte(CloseView);
                to.Text(view.Id, GuardLimits.ViewIdLength);
                break;
            case ApprovalFrame approval:
                to.Byte(Approval);
                to.Text(approval.Id, GuardLimits.MaxName);
                to.Time(approval.Created);
                to.Time(approval.Expires);
                to.Text(approval.Card, GuardLimits.MaxText);
                break;
            case ApprovalGoneFrame gone:
                to.Byte(ApprovalGone);
                to.Text(gone.Id, GuardLimits.MaxName);
                to.Byte((byte)gone.Outcome);
                break;
            case RunsFrame runs:
                to.Byte(Runs);
                to.Text(Cut(runs.Text), GuardLimits.MaxText);
                break;
            default:
                throw new ArgumentException("no such frame", nameof(frame));
        }

        return buffer[..to.Length];
    }

    /// <summary>Reads a frame that comes from the other process.</summary>
    /// <param name="bytes">One message, whole.</param>
    /// <exception cref="InvalidDataException">It breaks the protocol.</exception>
    public static GuardFrame Read(ReadOnlySpan<byte> bytes)
    {
        FrameReader from = new(bytes);
        GuardFrame frame = from.Byte() switch
        {
            Policies => ReadPolicies(ref from),
            ViewOpened => new ViewOpenedFrame(from.Int(), from.Int()),
            Decision => new DecisionFrame(Name(ref from), from.Flag(), from.Int()),
            Hello => ReadHello(ref from),
            Applied => new AppliedFrame(from.Long(), from.Text(GuardLimits.MaxText)),
            OpenView => ReadView(ref from),
            CloseView => new CloseViewFrame(ViewId(ref from)),
            Approval => new ApprovalFrame(Name(ref from), from.Time(), from.Time(), from.Text(GuardLimits.MaxText)),
            ApprovalGone => ReadGone(ref from),
            Runs => new RunsFrame(from.Text(GuardLimits.MaxText)),
            _ => throw new InvalidDataException("guard protocol: no such frame"),
        };
        from.End();
        return frame;
    }

    /// <summary>Whether a text can be the name of a view.</summary>
    public static bool IsViewId(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == GuardLimits.ViewIdLength && text.All(char.IsAsciiHexDigitLower);
    }

    /// <summary>Whether a path can stand in a grant.</summary>
    public static bool IsGrantPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal) && path.Split('/').All(static part => part is not ("" or "." or ".."));
    }

    private static void WriteView(ref FrameWriter to, OpenViewFrame view)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(view.Grants.Count, GuardLimits.MaxGrants, nameof(view));
        to.Byte(OpenView);
        to.Int(view.Request);
        to.Text(view.Id, GuardLimits.ViewIdLength);
        to.Byte(view.HasLaunch ? (byte)1 : (byte)0);
        to.Short((ushort)view.Grants.Count);
        foreach (ViewGrant grant in view.Grants)
        {
            to.Byte((byte)grant.Access);
            to.Byte(grant.IsFolder ? (byte)1 : (byte)0);
            to.Text(grant.Path, GuardLimits.MaxPaths);
        }
    }

    private static PoliciesFrame ReadPolicies(ref FrameReader from)
    {
        ulong version = from.Long();
        PolicyMode mode = (PolicyMode)from.Byte();
        ushort part = from.Short(), parts = from.Short();
        byte[] bytes = from.Rest();
        Check(mode is PolicyMode.Enforce or PolicyMode.Audit, "no such mode");
        Check(parts is > 0 and <= GuardLimits.MaxParts && part < parts && bytes.Length <= GuardLimits.MaxPart, "a piece that cannot be");
        return new PoliciesFrame(version, mode, part, parts, bytes);
    }

    private static HelloFrame ReadHello(ref FrameReader from)
    {
        int version = from.Short();
        Check(version == GuardLimits.Version, $"version {version}, and this side speaks {GuardLimits.Version}");
        return new HelloFrame(from.Int());
    }

    private static OpenViewFrame ReadView(ref FrameReader from)
    {
        uint request = from.Int();
        string id = ViewId(ref from);
        bool hasLaunch = from.Flag();
        int count = from.Short();
        Check(request != 0 && count <= GuardLimits.MaxGrants, "a view that cannot be");
        ViewGrant[] grants = new ViewGrant[count];
        for (int i = 0; i < count; i++)
        {
            GrantAccess access = (GrantAccess)from.Byte();
            bool isFolder = from.Flag();
            string path = from.Text(GuardLimits.MaxPaths);
            Check(access != 0 && (access & ~(GrantAccess.Read | GrantAccess.Write | GrantAccess.Execute)) == 0, "no such access");
            Check(IsGrantPath(path), "a path that cannot be granted");
            grants[i] = new ViewGrant(path, access, isFolder);
        }

        return new OpenViewFrame(request, id, hasLaunch, grants);
    }

    private static ApprovalGoneFrame ReadGone(ref FrameReader from)
    {
        string id = Name(ref from);
        ApprovalOutcome outcome = (ApprovalOutcome)from.Byte();
        Check(outcome is >= ApprovalOutcome.Accepted and <= ApprovalOutcome.Changed, "no such outcome");
        return new ApprovalGoneFrame(id, outcome);
    }

    private static string Name(ref FrameReader from)
    {
        string name = from.Text(GuardLimits.MaxName);
        Check(name.Length > 0 && name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'), "a name that is none");
        return name;
    }

    private static string ViewId(ref FrameReader from)
    {
        string id = from.Text(GuardLimits.ViewIdLength);
        Check(IsViewId(id), "a view's name that is none");
        return id;
    }

    /// <summary>A text as far as a frame carries it, which ends with a line that says so.</summary>
    private static string Cut(string text)
    {
        const string More = "\n...\n";
        if (Encoding.UTF8.GetByteCount(text) <= GuardLimits.MaxText)
        {
            return text;
        }

        int length = Math.Min(text.Length, GuardLimits.MaxText / 4 * 3);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, length)) > GuardLimits.MaxText - More.Length)
        {
            length = length * 3 / 4;
        }

        return text[..length] + More;
    }
}
