using ClawFS.Linux;
using ClawFS.Supervisor;
using Microsoft.Win32.SafeHandles;

namespace Supervisor.Tests.Running;

/// <summary>A supervisor with stand-in services over temporary folders. Nothing stays mounted, whatever a test does.</summary>
internal sealed class SupervisedMount : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string folder = Directory.CreateTempSubdirectory("claw-sup-").FullName;
    private readonly Pipe report = Pipe.Create();
    private readonly Pipe leash = Pipe.Create();
    private readonly ChildProcess supervisor;

    /// <param name="mode">How the stand-in for fs behaves.</param>
    /// <param name="keyFile">Whether the secret is a key file, or else was typed.</param>
    /// <param name="withLeash">Whether the supervisor ends when <see cref="DropLeash"/> is called.</param>
    internal SupervisedMount(string mode, bool keyFile = true, bool withLeash = false)
    {
        ClawOS.Mounting.Need.Root();
        ClawOS.Mounting.Need.Fuse();
        Directory.CreateDirectory(Mount);
        Directory.CreateDirectory(Store);
        Directory.CreateDirectory(State);
        string key = Path.Combine(folder, "key");
        File.WriteAllText(key, Secret);
        SupervisorOptions options = new()
        {
            Mount = Mount,
            Store = Store,
            StateFolder = State,
            KeyFile = keyFile ? key : null,
            Credential = keyFile ? SupervisorOptions.KeyFileCredential : "passphrase",
            Leash = withLeash,
        };
        SpawnPlan plan = new()
        {
            Program = "/usr/bin/env",
            Arguments = ["dotnet", StandIn, "supervise", mode, .. options.ToArguments()],
            OutputFile = Path.Combine(State, "log"),
            NewSession = true,
        };
        using SafeFileHandle credential = File.OpenHandle(key);
        plan.Descriptors.Add((report.Writer, SupervisorOptions.ReportDescriptor));
        plan.Descriptors.Add((credential, SupervisorOptions.CredentialDescriptor));
        if (withLeash)
        {
            plan.Descriptors.Add((leash.Reader, SupervisorOptions.LeashDescriptor));
        }

        supervisor = ChildProcess.Start(plan);
        report.Writer.Dispose();
    }

    internal const string Secret = "secret-7d1f0c";

    internal string Mount => Path.Combine(folder, "mnt");

    internal string Store => Path.Combine(folder, "store");

    internal string State => Path.Combine(folder, "state");

    internal int Pid => supervisor.Id;

    internal bool IsMounted => MountEntry.FindAt(Mount) is not null;

    /// <summary>Waits for the last line of the start report.</summary>
    internal async Task<ControlReply> StartedAsync()
    {
        using CancellationTokenSource limit = new(Limit);
        using StreamReader lines = new(new FileStream(report.Reader, FileAccess.Read, bufferSize: 0));
        return await ControlClient.ReadReplyAsync(lines, null, limit.Token)
            ?? throw new InvalidOperationException("the report ended early:\n" + File.ReadAllText(Path.Combine(State, "log")));
    }

    internal Task<ControlReply?> AskAsync(string command, bool force = false, int patienceMs = 2000) =>
        ControlClient.AskAsync(StateFolder.ControlSocket(State), new ControlRequest { Command = command, Force = force, PatienceMs = patienceMs }, Limit);

    internal async Task<ServiceStatus> ServiceAsync(string name) =>
        (await AskAsync("status"))!.Status!.Services.Single(service => service.Name == name);

    /// <summary>Asks until the state is what is waited for.</summary>
    internal async Task<StatusReport> UntilAsync(Func<StatusReport, bool> reached)
    {
        using CancellationTokenSource limit = new(Limit);
        while (true)
        {
            StatusReport status = (await AskAsync("status"))?.Status ?? throw new InvalidOperationException("the supervisor does not answer");
            if (reached(status))
            {
                return status;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    internal void Signal(int signal) => supervisor.Signal(signal);

    internal void RemoveKeyFile() => File.Delete(Path.Combine(folder, "key"));

    internal void DropLeash() => leash.Writer.Dispose();

    /// <summary>Waits for the supervisor's end.</summary>
    internal async Task<ExitStatus> EndedAsync() => await supervisor.Exited.WaitAsync(Limit);

    internal static void Kill(int pid)
    {
        using RunningProcess? process = RunningProcess.TryOpen(pid);
        process?.Signal(9);
    }

    internal static bool IsAlive(int pid)
    {
        using RunningProcess? process = RunningProcess.TryOpen(pid);
        return process is not null && !process.WaitForExit(TimeSpan.Zero);
    }

    public void Dispose()
    {
        supervisor.Signal(9);
        supervisor.WaitForExit();
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            if (IsOurs(process))
            {
                Kill(int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        while (IsMounted)
        {
            _ = FuseMount.Unmount(Mount, UnmountMode.Abort);
        }

        report.Dispose();
        leash.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private bool IsOurs(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(folder, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // It has just ended.
        }
    }

    private static string StandIn { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace("/Supervisor.Tests/", "/StandIn/", StringComparison.Ordinal), "standin.dll");
}
