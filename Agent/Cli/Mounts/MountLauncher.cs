using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Sandboxes;
using ClawOS.Security.Sandbox.Services;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Cli.Mounts;

/// <summary>Starts a supervisor and waits until its mount is ready.</summary>
internal static class MountLauncher
{
    private const long MaxLog = 1 << 20;

    /// <summary>Starts the supervisor in a session of its own.</summary>
    /// <param name="options">What it serves.</param>
    /// <param name="credential">What fs reads its credential from; closed here afterwards.</param>
    /// <param name="leash">The read end that the supervisor watches, or null.</param>
    /// <param name="progress">Told what it does.</param>
    /// <returns>The state once it is ready.</returns>
    /// <exception cref="CliException">It could not start; the code is fs's.</exception>
    internal static async Task<StatusReport> StartAsync(SupervisorOptions options, SafeFileHandle credential, SafeFileHandle? leash, Action<string> progress)
    {
        using Pipe report = Pipe.Create();
        ChildProcess supervisor;
        using (credential)
        {
            IReadOnlyList<string> command = SelfProgram.Command(SelfProgram.Supervise);
            SpawnPlan plan = new()
            {
                Program = command[0],
                Arguments = [.. command.Skip(1), .. options.ToArguments()],
                OutputFile = TurnLog(options.StateFolder),
                NewSession = true,
            };
            ServiceEnvironment.Fill(plan.Environment);
            ServiceEnvironment.PassEmbedKey(plan.Environment);
            LauncherProgram.PassOn(plan.Environment);
            plan.Descriptors.Add((report.Writer, SupervisorOptions.ReportDescriptor));
            plan.Descriptors.Add((credential, SupervisorOptions.CredentialDescriptor));
            if (leash is not null)
            {
                plan.Descriptors.Add((leash, SupervisorOptions.LeashDescriptor));
            }

            supervisor = ProcessIdentity.Uid == 0
                ? new HardenedStart(LauncherProgram.TryFind(), new ServicePlaces(options.Mount, options.Store, StateFolder.Anchors)).Start("supervisor", plan, out _) // Its own table says whether the services have theirs.
                : ChildProcess.Start(plan); // Without root there is nothing to cut: fusermount3 needs its setuid bit.
        }

        report.Writer.Dispose();
        using StreamReader lines = new(new FileStream(report.Reader, FileAccess.Read, bufferSize: 0));
        ControlReply? reply = await ControlClient.ReadReplyAsync(lines, progress, CancellationToken.None);
        return reply switch
        {
            { Error: null, Status: { } status } => status,
            { Error: { } error } => throw new CliException(reply.Code, error),
            _ => throw new CliException(
                ExitCodes.Failed,
                $"the supervisor (pid {supervisor.Id}): ended while it started; its log is {StateFolder.LogFile(options.StateFolder)}"),
        };
    }

    /// <summary>The log to append to; the one before is kept as log.1 when it has grown.</summary>
    private static string TurnLog(string mountFolder)
    {
        string path = StateFolder.LogFile(mountFolder);
        if (new FileInfo(path) is { Exists: true, Length: > MaxLog })
        {
            File.Move(path, path + ".1", overwrite: true);
        }

        return path;
    }
}
