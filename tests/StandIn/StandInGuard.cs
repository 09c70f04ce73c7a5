using ClawFS.Linux;
using ClawFS.Supervisor;
using Microsoft.Win32.SafeHandles;

namespace StandIn;

/// <summary>A guard that starts nothing: it lives until its channel ends, and lets go of the mount when it is told to.</summary>
internal static class StandInGuard
{
    internal static int Run()
    {
        using SeqPacketSocket channel = new(new SafeFileHandle(3, ownsHandle: true));
        byte[] order = new byte[16];
        while (channel.Receive(order) > 0)
        {
            if (order[0] == (byte)GuardOrder.Unbind)
            {
                _ = channel.Send([(byte)GuardOrder.Unbound]);
            }
        }

        return 0;
    }
}
