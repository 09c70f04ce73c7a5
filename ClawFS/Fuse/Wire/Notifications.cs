using System.Runtime.InteropServices;

namespace ClawFS.Fuse.Wire;

/// <summary>enum fuse_notify_code; travels in <see cref="OutHeader.Error"/> with unique 0.</summary>
internal enum NotifyCode
{
    Poll = 1,
    InvalidateInode = 2,
    InvalidateEntry = 3,
    Resend = 7,
    /// <summary>FUSE_NOTIFY_INC_EPOCH (7.44).</summary>
    IncrementEpoch = 8,
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct NotifyPoll
{
    internal ulong PollHandle;
}

[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct NotifyInode
{
    internal ulong Node;
    internal long Offset;
    internal long Length;
}

/// <summary>The name follows, ended by NUL, which <see cref="NameLength"/> does not count.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct NotifyEntry
{
    internal ulong Parent;
    internal uint NameLength;
    internal uint Flags;
}
