using System.Runtime.CompilerServices;
using ClawFS.Supervisor;
using ClawOS.Cli.Sandboxes;
using ClawOS.Security.Sandbox.Services;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Cli.Services;

/// <summary>claw supervise: the supervisor's process. Started by `claw up` in a session of its own.</summary>
internal static class SuperviseProgram
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Run(string[] arguments)
    {
        ServiceLog.SetProcessName("claw-supervisor");
        SupervisorOptions options = SupervisorOptions.Parse(arguments);
        StateFolder.CreateRoot();
        StateFolder.CreatePrivate(StateFolder.Anchors); // A rule needs what it is about.
        HardenedStart hardened = new(LauncherProgram.TryFind(), new ServicePlaces(options.Mount, options.Store, StateFolder.Anchors));
        ServicePrograms programs = new(SelfProgram.Command(SelfProgram.ServeFs), SelfProgram.Command(SelfProgram.ServeNotify), SelfProgram.EmbedCommand(), SelfProgram.Command(SelfProgram.ServeGuard), hardened.Start);
        using ILoggerFactory logs = ServiceLog.CreateFactory();
        return SupervisorProcess.Run(
            options,
            programs,
            new SafeFileHandle(SupervisorOptions.ReportDescriptor, ownsHandle: true),
            new SafeFileHandle(SupervisorOptions.CredentialDescriptor, ownsHandle: true),
            logs.CreateLogger("supervisor"));
    }
}
