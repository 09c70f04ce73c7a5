namespace ClawOS.Security.GuardLink;

/// <summary>One message between fs and guard; <see cref="GuardWire"/> makes bytes of it and reads them. docs/ipc.md is the table.</summary>
public abstract record GuardFrame;

/// <summary>From guard, once and first: its version and who binds sockets.</summary>
/// <param name="BinderThread">The one thread whose socket nodes fs accepts.</param>
public sealed record HelloFrame(uint BinderThread) : GuardFrame;

/// <summary>From fs: a piece of the policies that are live now; <see cref="PolicyFiles"/> makes and joins them.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Mode">Enforce or audit.</param>
/// <param name="Part">Which piece, from 0: they come in their order.</param>
/// <param name="Parts">How many there are, 1 to <see cref="GuardLimits.MaxParts"/>.</param>
/// <param name="Bytes">The piece.</param>
public sealed record PoliciesFrame(ulong Version, PolicyMode Mode, ushort Part, ushort Parts, ReadOnlyMemory<byte> Bytes) : GuardFrame;

/// <summary>From fs: the answer to <see cref="OpenViewFrame"/>.</summary>
/// <param name="Request">Its number.</param>
/// <param name="Errno">0, or why there is no view.</param>
public sealed record ViewOpenedFrame(uint Request, uint Errno) : GuardFrame;

/// <summary>From fs: the owner has answered an approval.</summary>
/// <param name="Id">Which.</param>
/// <param name="IsYes">Whether it may be.</param>
/// <param name="Uid">Who wrote it.</param>
public sealed record DecisionFrame(string Id, bool IsYes, uint Uid) : GuardFrame;

/// <summary>From guard: what has become of a version of the policies.</summary>
/// <param name="Version">Which.</param>
/// <param name="Text">Lines: what is in force now, what only at the next launch, for each sandbox that runs.</param>
public sealed record AppliedFrame(ulong Version, string Text) : GuardFrame;

/// <summary>From guard: publish a root for a sandbox under `.views`.</summary>
/// <param name="Request">Comes back in the answer; not 0.</param>
/// <param name="Id">32 small hexadecimal digits that nobody can guess: who knows the name may enter.</param>
/// <param name="HasLaunch">Whether it gets a launch socket.</param>
/// <param name="Grants">What of the mount it shows, at most <see cref="GuardLimits.MaxGrants"/>.</param>
public sealed record OpenViewFrame(uint Request, string Id, bool HasLaunch, IReadOnlyList<ViewGrant> Grants) : GuardFrame;

/// <summary>One file, or one folder with all below it, that a view shows.</summary>
/// <param name="Path">Below the mount, without a leading slash: "memory/notes". No part is empty, "." or "..".</param>
/// <param name="Access">What may be done with it.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
public sealed record ViewGrant(string Path, GrantAccess Access, bool IsFolder);

/// <summary>From guard: a view is over.</summary>
/// <param name="Id">Which.</param>
public sealed record CloseViewFrame(string Id) : GuardFrame;

/// <summary>From guard: something waits for the owner's word.</summary>
/// <param name="Id">Its name in `approvals`: 1 to 64 of a-z, 0-9 and "-".</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it is denied by itself.</param>
/// <param name="Card">What it is about, for people.</param>
public sealed record ApprovalFrame(string Id, DateTimeOffset Created, DateTimeOffset Expires, string Card) : GuardFrame;

/// <summary>From guard: it waits no more.</summary>
/// <param name="Id">Which.</param>
/// <param name="Outcome">Why.</param>
public sealed record ApprovalGoneFrame(string Id, ApprovalOutcome Outcome) : GuardFrame;

/// <summary>From guard: the sandboxes that run, as `run/list` shows them.</summary>
/// <param name="Text">A line each.</param>
public sealed record RunsFrame(string Text) : GuardFrame;

/// <summary>What a policy does. The numbers are those of the protocol.</summary>
public enum PolicyMode : byte
{
    /// <summary>What is not allowed is refused.</summary>
    Enforce = 1,

    /// <summary>What is not allowed is told.</summary>
    Audit = 2,
}

/// <summary>What a view lets be done with a grant. The numbers are those of the protocol.</summary>
[Flags]
public enum GrantAccess : byte
{
    /// <summary>Never in a frame.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Changing.</summary>
    Write = 2,

    /// <summary>Starting programs.</summary>
    Execute = 4,
}

/// <summary>How an approval ended. The numbers are those of the protocol.</summary>
public enum ApprovalOutcome : byte
{
    /// <summary>The owner said yes.</summary>
    Accepted = 1,

    /// <summary>The owner said no.</summary>
    Denied = 2,

    /// <summary>Nobody said anything in time.</summary>
    Expired = 3,

    /// <summary>Who asked went away.</summary>
    Withdrawn = 4,

    /// <summary>What would have run is not any more what was shown.</summary>
    Changed = 5,
}
