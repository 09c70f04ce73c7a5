using System.Runtime.CompilerServices;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Sandboxes;
using ClawOS.Security.Guard;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Cli.Services;

/// <summary>claw serve-guard: compiles policies into the kernel and starts sandboxes. As root it stays root; it has no key, no network, and no look at what is stored.</summary>
internal static class GuardProgram
{
    private const int ChannelDescriptor = 3, MaxOrder = 16;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Run(string[] arguments)
    {
        ServiceLog.SetProcessName("claw-guard");
        ServiceArguments parsed = ServiceArguments.Parse(arguments);
        using ILoggerFactory logs = ServiceLog.CreateFactory();
        ILogger log = logs.CreateLogger("guard");
        ProcessIdentity.ForbidNewPrivileges();
        ProcessLimits.NoCoreDumps();
        _ = ProcessLimits.RaiseFileLimit();
        using SeqPacketSocket channel = new(new SafeFileHandle(ChannelDescriptor, ownsHandle: true));
        using GuardProcess guard = new(new GuardOptions(
            parsed.Required("--mount"), LauncherProgram.Expected, parsed.Number("--owner-uid"), parsed.Number("--owner-gid"), line => log.LogError("{Line}", line)) { Withheld = [StateFolder.Root] });
        Span<byte> order = stackalloc byte[MaxOrder];
        while (channel.Receive(order, out SafeFileHandle? descriptor) > 0)
        {
            switch ((GuardOrder)order[0])
            {
                case GuardOrder.Link when descriptor is not null:
                    guard.Attach(new SeqPacketSocket(descriptor));
                    break;
                case GuardOrder.Unbind:
                    guard.Unbind();
                    _ = channel.Send([(byte)GuardOrder.Unbound]);
                    break;
                default:
                    descriptor?.Dispose();
                    break;
            }
        }

        return ExitCodes.Ok; // The supervisor is gone, and with it whoever could serve the mount again.
    }
}
