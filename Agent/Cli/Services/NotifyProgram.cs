using System.Runtime.CompilerServices;
using ClawFS.Linux;
using ClawFS.Supervisor;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Cli.Services;

/// <summary>claw serve-notify: the worker that touches generated files through the mount so that inotify fires.</summary>
internal static class NotifyProgram
{
    private const int ChannelDescriptor = 3;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Run(string[] arguments)
    {
        ServiceLog.SetProcessName("claw-notify");
        string mount = ServiceArguments.Parse(arguments).Required("--mount");
        if (ProcessIdentity.Uid == 0)
        {
            ProcessIdentity.BecomeUser(ServiceUsers.Notify, ServiceUsers.Notify);
        }

        ProcessIdentity.ForbidNewPrivileges();
        ProcessLimits.NoCoreDumps();
        using SeqPacketSocket channel = new(new SafeFileHandle(ChannelDescriptor, ownsHandle: true));
        NotifyWorker.Run(channel, mount);
        return ExitCodes.Ok;
    }
}
