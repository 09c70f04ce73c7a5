using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Sandbox.Layout;
using ClawOS.Security.Sandbox.Views;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Services;

/// <summary>Starts our own services through claw-exec, each with the limits of its row of <see cref="ServiceTable"/>. Where that cannot be, it is started without, and why is told.</summary>
/// <param name="launcher">Path of claw-exec; null where there is none.</param>
/// <param name="places">The folders of the mount.</param>
public sealed class HardenedStart(string? launcher, ServicePlaces places)
{
    private const int StatusSize = 16;
    private readonly ConcurrentDictionary<string, byte[]> filters = new();

    // Rules take paths without links. The mount point has none, and is not looked at.
    private readonly ServicePlaces places = places with { Store = ProgramChoice.RealPath(places.Store), Anchors = ProgramChoice.RealPath(places.Anchors) };

    /// <summary>Starts a service.</summary>
    /// <param name="name">Its row.</param>
    /// <param name="plan">What it starts with; its descriptors are its own numbers.</param>
    /// <param name="unhardened">Why it runs without its limits; null when it has them.</param>
    /// <exception cref="LinuxException">The program cannot be started at all.</exception>
    public ChildProcess Start(string name, SpawnPlan plan, out string? unhardened)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ServiceRow row = ServiceTable.Find(name) ?? throw new ArgumentException($"no service {name}", nameof(name));
        if (launcher is null)
        {
            unhardened = "claw-exec is not there; Security/Exec/publish.sh makes it";
            return ChildProcess.Start(plan);
        }

        try
        {
            if (TryStart(launcher, row, plan, out unhardened) is { } process)
            {
                return process;
            }
        }
        catch (Exception error) when (error is LinuxException or SeccompException or PlatformNotSupportedException)
        {
            unhardened = error.Message;
        }

        return ChildProcess.Start(plan);
    }

    private ChildProcess? TryStart(string program, ServiceRow row, SpawnPlan plan, out string? failure)
    {
        byte[] bytes = Bytes(row, plan);
        using Pipe input = Pipe.Create();
        using Pipe result = Pipe.Create();
        SpawnPlan spawn = new()
        {
            Program = program,
            Arguments = plan.Arguments, // Not read: who looks for a service by its command line finds it from the first moment.
            Input = plan.Input,
            Output = plan.Output,
            Error = plan.Error,
            OutputFile = plan.OutputFile,
            NewSession = plan.NewSession,
            Folder = plan.Folder,
        };
        spawn.Environment.Clear();
        spawn.Descriptors.Add((input.Reader, PlanLayout.PlanDescriptor));
        spawn.Descriptors.Add((result.Writer, PlanLayout.ResultDescriptor));
        foreach ((SafeHandle descriptor, int number) in plan.Descriptors)
        {
            spawn.Descriptors.Add((descriptor, number - PlanLayout.PlanDescriptor + ServiceLayout.FirstDescriptor));
        }

        ChildProcess process = ChildProcess.Start(spawn);
        result.Writer.Dispose();
        input.Reader.Dispose();
        try
        {
            Pipe.Write(input.Writer, bytes);
        }
        catch (LinuxException error) when (error.Error == Errno.EPIPE)
        {
            // It has ended before it read all; what it says tells why.
        }

        // Closed by execve: nothing to read is the service.
        byte[] status = new byte[PlanLayout.ResultSize];
        int length = Pipe.ReadToEnd(result.Reader, status);
        if (length == 0)
        {
            failure = null;
            return process;
        }

        process.WaitForExit();
        SandboxResult refused = SandboxResult.Read(status.AsSpan(0, length));
        failure = length == StatusSize
            ? $"{(LaunchStep)Number(status, 1)} failed with {(Errno)Number(status, 2)} (item {Number(status, 3)})"
            : $"{refused.Step} failed with {refused.Error}";
        return null;
    }

    private byte[] Bytes(ServiceRow row, SpawnPlan plan)
    {
        byte[] bytes = PlanWriter.Write(new SandboxPlan
        {
            Programs = [plan.Program],
            Arguments = [plan.Program, .. plan.Arguments],
            Environment = plan.Environment.ToDictionary(),
            Stage = "/",
            User = default,
            NewSession = false,
            Loopback = false,
            Landlock = LandlockOf(row, plan.Program),
            Filters = row.Profile is { } profile ? [FilterOf(profile)] : [],
            Limits = [new ResourceLimit(ResourceKind.Core, 0, 0)],
        });
        bool isRoot = ProcessIdentity.Uid == 0;
        uint flags = (row.NoNewPrivileges ? ServiceLayout.NoNewPrivileges : 0)
            | (isRoot ? ServiceLayout.LimitCapabilities : 0)
            | (isRoot && row.OwnNamespaces && CanMakeNamespaces() ? ServiceLayout.NewNetwork | ServiceLayout.NewIpc | ServiceLayout.NewHostName : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(PlanLayout.MagicAt), ServiceLayout.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(PlanLayout.FlagsAt), flags);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ServiceLayout.CapabilitiesAt), row.CapabilityMask);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ServiceLayout.DescriptorsAt), (uint)plan.Descriptors.Count);
        return bytes;
    }

    private LandlockPlan? LandlockOf(ServiceRow row, string program)
    {
        if (row.Files is not { } files || LandlockSupport.Detect().Plan([.. RuntimeFiles.Rules(program), .. files(places)]) is not { } landlock)
        {
            return null;
        }

        const ulong Bind = 1;
        return row.Holds == Holding.Network ? landlock with { HandledNet = landlock.HandledNet & Bind } : landlock;
    }

    private byte[] FilterOf(string profile) => filters.GetOrAdd(profile, static name => SeccompCompiler.Compile(ServiceProfiles.Load(name), RuntimeInformation.ProcessArchitecture));

    /// <summary>Containers take CAP_SYS_ADMIN even from root.</summary>
    private static bool CanMakeNamespaces()
    {
        const int AdministerSystem = (int)Capability.SysAdmin;
        string line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        return (Convert.ToUInt64(line["CapEff:".Length..].Trim(), 16) >> AdministerSystem & 1) != 0;
    }

    private static int Number(byte[] record, int index) => BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(index * 4));
}
