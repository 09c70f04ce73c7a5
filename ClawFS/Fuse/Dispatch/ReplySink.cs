using ClawFS.Linux;

namespace ClawFS.Fuse.Dispatch;

/// <summary>Where whole replies and notifications go: the device, or a test.</summary>
internal abstract class ReplySink
{
    /// <summary>
    /// Sends one message that consists of both parts, in one system call. ENOENT: nobody waits for this reply (any more);
    /// ENODEV: the mount is gone.
    /// </summary>
    internal abstract Errno Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second);
}
