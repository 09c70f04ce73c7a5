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
            return Serve(options, composition, channel, log);
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
        {
            composition = FsComposition.Open(
                options, () => options.Credential == SupervisorOptions.NoCredential ? null : SecretSource.Read(options.Credential, secret), locked, log);
        }

        if (root)
        {
            ProcessIdentity.BecomeUser(ServiceUsers.Fs, ServiceUsers.Fs);
        }

        ProcessIdentity.ForbidNewPrivileges();
        ProcessLimits.NoCoreDumps();
        return composition;
    }

    private static int Serve(FsOptions options, FsComposition composition, SeqPacketSocket channel, ILogger log)
    {
        while (true)
        {
            FsMessage message = FsMessage.Receive(channel);
            switch (message.Frame)
            {
                case FsFrame.Serve when message.Descriptor is { } device:
                    using (device)
                    {
                        return ServeMount(options, composition, channel, device, log);
                    }

                case FsFrame.Leave or 0:
                    return ExitCodes.Ok;
                default:
                    message.Descriptor?.Dispose();
                    break;
            }
        }
    }

    private static int ServeMount(FsOptions options, FsComposition composition, SeqPacketSocket channel, SafeFileHandle device, ILogger log)
    {
        FuseConnection connection = new(device, new FuseOptions { Report = (error, opcode) => log.LogError(error, "{Opcode} failed", opcode) });
        composition.LockedChanged = locked => FsMessage.Send(channel, FsFrame.Locked, [locked ? (byte)1 : (byte)0], null);
        composition.AskForEmbed = (place, network) => FsMessage.Send(
            channel, FsFrame.Embed, [(byte)place, (byte)(network switch { null => EmbedWish.None, false => EmbedWish.Local, true => EmbedWish.Remote })], null);
        composition.Attach(connection);
        connection.Start(composition.Root, options.Predecessor?.Session);
        FuseSession session = connection.Negotiated.GetAwaiter().GetResult();
        if (session.Features.HasFlag(FuseFeatures.HasResend))
        {
            _ = FsMessage.Send(channel, FsFrame.Session, new Handover(session, composition.Memory).ToBytes(), null);
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
                case FsFrame.EmbedLink when message is { Descriptor: { } worker, Body: [var place] }:
                    composition.AttachEmbed(place, new SeqPacketSocket(worker));
                    break;
                case FsFrame.GuardLink when message.Descriptor is { } guard:
                    composition.AttachGuard(new SeqPacketSocket(guard));
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
