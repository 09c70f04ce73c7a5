using System.Diagnostics;
using System.Runtime.CompilerServices;
using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Tests.Host;

/// <summary>This test program once more, as a child that owns a group or has no rights.</summary>
internal sealed class Probe : IDisposable
{
    private const string Variable = "CLAW_CGROUPS_PROBE";
    private readonly Process process;

    private Probe(Process process) => this.process = process;

    internal static Probe Start(string what, string name)
    {
        ProcessStartInfo start = new(Path.ChangeExtension(typeof(Probe).Assembly.Location, null), [name]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment[Variable] = what;
        return new Probe(Process.Start(start)!);
    }

    internal string? ReadLine() => process.StandardOutput.ReadLine();

    internal string ReadToEnd() => process.StandardOutput.ReadToEnd();

    /// <summary>SIGKILL: nothing of it runs any more.</summary>
    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    /// <summary>What the child does, before the test runner would start.</summary>
    [ModuleInitializer]
    internal static void RunIfProbe()
    {
        string? what = Environment.GetEnvironmentVariable(Variable);
        if (what is null)
            return;
        string name = Environment.GetCommandLineArgs()[^1];
        switch (what)
        {
            case "owner":
                Own(name);
                break;
            case "stranger":
                ProcessIdentity.BecomeUser(60912, 60912);
                ShowRights(name);
                break;
            default:
                Console.WriteLine($"no probe {what}");
                break;
        }

        Environment.Exit(0);
    }

    /// <summary>Makes a group with a process in it, and waits to be killed.</summary>
    private static void Own(string name)
    {
        Cgroup group = CgroupHost.Detect().Create(name, Quota.None);
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/sleep", Arguments = ["1000"] });
        group.Add(child.Id);
        Console.WriteLine(child.Id);
        Console.ReadLine();
    }

    private static void ShowRights(string name)
    {
        CgroupHost host = CgroupHost.Detect();
        foreach (AbilityState state in host.Abilities)
            Console.WriteLine(state);
        try
        {
            host.Create(name, new Quota { Processes = 5 }).Dispose();
            Console.WriteLine("made");
        }
        catch (CgroupException refusal)
        {
            Console.WriteLine(refusal.Message);
        }
    }
}
