using System.Globalization;
using System.Runtime.InteropServices;
using ClawFS.Linux;

namespace ClawFS.Supervisor;

/// <summary>The fs process: starts it with its channel and credential, and posts what it says and how it ends.</summary>
internal sealed class FsService(SupervisorOptions options, ServicePrograms programs, EventLoop loop)
{
    /// <summary>Number of the channel's descriptor in fs.</summary>
    internal const int ChannelDescriptor = 3;

    /// <summary>Number of the credential's descriptor in fs.</summary>
    internal const int CredentialDescriptor = 4;

    private ChildProcess? process;
    private SeqPacketSocket? channel;

    /// <summary>What fs said; on the event loop.</summary>
    internal Action<FsMessage>? Said { get; set; }

    /// <summary>fs has ended, and everything it said was handled before; on the event loop.</summary>
    internal Action<ExitStatus>? Ended { get; set; }

    /// <summary>The process id, 0 when it does not run.</summary>
    internal int Pid => process?.Id ?? 0;

    internal DateTimeOffset StartedAt { get; private set; }

    /// <summary>Why it runs without its limits; null when it has them.</summary>
    internal string? Unhardened { get; private set; }

    /// <summary>Starts the process; it opens the store and says Opened or Failed.</summary>
    /// <param name="kind">What the credential is: <see cref="SupervisorOptions.Credential"/>.</param>
    /// <param name="credential">The descriptor it reads the credential from; closed here afterwards, unread.</param>
    /// <param name="kernelKeys">Whether it may leave its key in the session's keyring.</param>
    /// <param name="session">What a dead fs left for it, to take over its mount; null for a new mount.</param>
    internal void Start(string kind, SafeHandle credential, bool kernelKeys, byte[]? session)
    {
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.CreatePair();
        using (theirs)
        using (credential)
        {
            SpawnPlan plan = new()
            {
                Program = programs.Fs[0],
                Arguments = [.. programs.Fs.Skip(1), .. Arguments(kind, kernelKeys, session)],
                Output = StandardError,
            };
            ServiceEnvironment.Fill(plan.Environment);
            plan.Descriptors.Add((theirs.Descriptor, ChannelDescriptor));
            plan.Descriptors.Add((credential, CredentialDescriptor));
            process = programs.Start("fs", plan, out string? why);
            Unhardened = why;
        }

        channel = own;
        StartedAt = DateTimeOffset.UtcNow;
        Listen(own, process);
    }

    /// <summary>Sends a frame.</summary>
    /// <returns>False when fs is gone; its end is posted anyway.</returns>
    internal bool Send(FsFrame frame, ReadOnlySpan<byte> body = default, SafeHandle? descriptor = null) =>
        channel is not null && FsMessage.Send(channel, frame, body, descriptor);

    /// <summary>Kills it (SIGKILL).</summary>
    internal void Kill() => process?.Signal(9);

    /// <summary>This process's log, shared by its services.</summary>
    internal static SafeHandle StandardError { get; } = new Microsoft.Win32.SafeHandles.SafeFileHandle(2, ownsHandle: false);

    private List<string> Arguments(string kind, bool kernelKeys, byte[]? session)
    {
        List<string> arguments =
        [
            "--mount", options.Mount, "--store", options.Store, "--credential", kind,
            "--owner-uid", options.OwnerUid.ToString(CultureInfo.InvariantCulture),
            "--owner-gid", options.OwnerGid.ToString(CultureInfo.InvariantCulture),
        ];
        if (options.ReadOnly)
        {
            arguments.Add("--read-only");
        }

        if (options.AppArmor)
        {
            arguments.Add("--apparmor");
        }

        if (kernelKeys)
        {
            arguments.Add("--kernel-keys");
        }

        if (session is not null)
        {
            arguments.AddRange(["--live-mount", Convert.ToHexStringLower(session)]);
        }

        return arguments;
    }

    /// <summary>One thread for each life of fs: it reads frames until the end, then waits for the exit status.</summary>
    private void Listen(SeqPacketSocket socket, ChildProcess child)
    {
        new Thread(() =>
        {
            using (socket)
            {
                while (ReceiveOrEnd(socket, child) is { Frame: not 0 } message)
                {
                    loop.Post(() => Said?.Invoke(message));
                }

                ExitStatus status = child.WaitForExit();
                loop.Post(() =>
                {
                    channel = null;
                    process = null;
                    Ended?.Invoke(status);
                });
            }
        })
        { IsBackground = true, Name = "fs channel" }.Start();
    }

    private static FsMessage ReceiveOrEnd(SeqPacketSocket socket, ChildProcess child)
    {
        try
        {
            return FsMessage.Receive(socket);
        }
        catch (IOException)
        {
            // A frame that breaks the protocol: fs is not what it should be.
            child.Signal(9);
            return new FsMessage(0, [], null);
        }
    }
}
