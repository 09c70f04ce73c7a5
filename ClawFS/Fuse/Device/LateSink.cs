using System.Runtime.InteropServices;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;

namespace ClawFS.Fuse.Device;

/// <summary>
/// The device for those who may come after the end of the connection: owners of parked requests and the notifier. Holds the descriptor
/// for each message, so that a late one never goes to a file that got the number since.
/// </summary>
internal sealed class LateSink(FuseDevice device, SafeHandle handle) : ReplySink
{
    internal override Errno Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return device.Send(first, second);
        }
        catch (ObjectDisposedException)
        {
            return Errno.ENODEV;
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }
}
