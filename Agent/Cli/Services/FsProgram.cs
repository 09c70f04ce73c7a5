using System.Runtime.CompilerServices;
using ClawFS.Crypto;
using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Cli.Services;

/// <summary>
/// claw serve-fs: opens the store with what root may still do, gives that up, says so, and only then gets the mount's
/// descriptor. Ends when the mount is gone.
/// </summary>
internal static class FsProgram
{
    private const int ChannelDescriptor = 3;
    private const int CredentialDescriptor = 4;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Run(string[] arguments)
    {
        ServiceLog.SetProcessName("claw-fs");
        using ILoggerFactory logs = ServiceLog.CreateFactory();
        ILogger log = logs.CreateLogger("fs");
        using SeqPacketSocket channel = new(new SafeFileHandle(ChannelDescriptor, ownsHandle: true));
        try
        {
            FsOptions options = FsOptions.Parse(arguments);
            using FsComposition composition = Open(options, log);
            _ = FsMessage.Send(channel, FsFrame.Opened);
            return Serve(composition, channel, log);
        }
        catch (Exception error) when (Errors.Explain(error) is { } explained)
        {
            _ = FsMessage.SendFailure(channel, explained.Code, explained.Line);
            log.LogError("{Reason}", explained.Line);
            return explained.Code;
        }
    }

    private static FsComposition Open(FsOptions options, ILogger log)
    {
        bool root = ProcessIdentity.Uid == 0;
        bool locked = ProcessLimits.TryLockAllMemory();
        _ = ProcessLimits.RaiseFileLimit();
        FsComposition composition;
        using (SafeFileHandle secret = new(CredentialDescriptor, ownsHandle: true))
        using (Credential credential = SecretSource.Read(options.Credential, secret))
        {
            composition = FsComposition.Open(options, credential, locked, log);
        }

        if (root)
        {
            ProcessIdentity.BecomeUser(ServiceUsers.Fs, ServiceUsers.Fs);
        }

        ProcessIdentity.ForbidNewPrivileges();
        ProcessLimits.NoCoreDumps();
        return composition;
    }

    private static int Serve(FsComposition composition, SeqPacketSocket channel, ILogger log)
    {
        while (true)
        {
            FsMessage message = FsMessage.Receive(channel);
            switch (message.Frame)
            {
                case FsFrame.Serve when message.Descriptor is { } device:
                    using (device)
                    {
                        return ServeMount(composition, channel, device, message.Body, log);
                    }

                case FsFrame.Leave or 0:
                    return ExitCodes.Ok;
                default:
                    message.Descriptor?.Dispose();
                    break;
            }
        }
    }

    private static int ServeMount(FsComposition composition, SeqPacketSocket channel, SafeFileHandle device, byte[] predecessor, ILogger log)
    {
        FuseOptions options = new() { Report = (error, opcode) => log.LogError(error, "{Opcode} failed", opcode) };
        FuseConnection connection = new(device, options);
        composition.Attach(connection);
        connection.Start(composition.Root, predecessor.Length == 0 ? null : FuseSession.FromBytes(predecessor));
        FuseSession session = connection.Negotiated.GetAwaiter().GetResult();
        if (session.Features.HasFlag(FuseFeatures.HasResend))
        {
            _ = FsMessage.Send(channel, FsFrame.Session, session.ToBytes(), null);
        }

        _ = FsMessage.Send(channel, FsFrame.Ready);
        new Thread(() => Obey(composition, channel)) { IsBackground = true, Name = "supervisor" }.Start();
        connection.Completed.GetAwaiter().GetResult();
        _ = FsMessage.Send(channel, FsFrame.Progress, "saving the store");
        composition.Close();
        return ExitCodes.Ok;
    }

    /// <summary>What the supervisor wants while the mount is served. Without a supervisor fs goes on: the mount is still there.</summary>
    private static void Obey(FsComposition composition, SeqPacketSocket channel)
    {
        while (FsMessage.Receive(channel) is { Frame: not 0 } message)
        {
            switch (message.Frame)
            {
                case FsFrame.NotifyLink when message.Descriptor is { } descriptor:
                    composition.AttachNotify(new SeqPacketSocket(descriptor));
                    break;
                case FsFrame.Commit:
                    composition.Commit();
                    _ = FsMessage.Send(channel, FsFrame.Committed);
                    break;
                default:
                    message.Descriptor?.Dispose();
                    break;
            }
        }
    }
}
