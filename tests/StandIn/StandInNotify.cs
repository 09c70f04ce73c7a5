using ClawFS.Linux;
using Microsoft.Win32.SafeHandles;

namespace StandIn;

/// <summary>A notify worker that touches nothing: it lives until its channel ends.</summary>
internal static class StandInNotify
{
    internal static int Run()
    {
        using SeqPacketSocket channel = new(new SafeFileHandle(3, ownsHandle: true));
        byte[] frame = new byte[MessageChannel.MaxMessage];
        while (channel.Receive(frame) > 0)
        {
            continue;
        }

        return 0;
    }
}
