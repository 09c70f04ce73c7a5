using System.Text;
using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Supervisor;
using Microsoft.Win32.SafeHandles;

namespace StandIn;

/// <summary>A fs without a store: it serves an empty folder, or misbehaves as its mode says.</summary>
internal static class StandInFs
{
    internal static int Run(string mode, string[] arguments)
    {
        string store = ServiceArguments.Parse(arguments).Required("--store");
        WriteFacts(store);
        using SeqPacketSocket channel = new(new SafeFileHandle(3, ownsHandle: true));
        switch (mode)
        {
            case "refuse":
                _ = FsMessage.SendFailure(channel, 3, "wrong key: said the stand-in");
                return 3;
            case "crash":
                return 9;
            case "babble":
                _ = channel.Send(new byte[FsMessage.MaxLength + 1]);
                _ = FsMessage.Receive(channel); // The supervisor kills what breaks the protocol; this ends no other way.
                return 0;
            default:
                _ = FsMessage.Send(channel, FsFrame.Opened);
                return Serve(channel, mode, store, ServiceArguments.Parse(arguments).Optional("--live-mount"));
        }
    }

    private static int Serve(SeqPacketSocket channel, string mode, string store, string? predecessor)
    {
        FsMessage message = FsMessage.Receive(channel);
        if (message is not { Frame: FsFrame.Serve, Descriptor: { } device })
        {
            return 0;
        }

        FuseConnection connection = new(device, new FuseOptions { Threads = 2 });
        connection.Start(new EmptyTree(), predecessor is null ? null : FuseSession.FromBytes(Convert.FromHexString(predecessor)));
        FuseSession session = connection.Negotiated.GetAwaiter().GetResult();
        if (mode is "handover" or "handover-locked")
        {
            _ = FsMessage.Send(channel, FsFrame.Session, session.ToBytes(), null);
        }

        if (mode == "handover-locked")
        {
            _ = FsMessage.Send(channel, FsFrame.Locked, [1], null);
        }

        _ = FsMessage.Send(channel, FsFrame.Ready);
        if (mode == "embed")
        {
            _ = FsMessage.Send(channel, FsFrame.Embed, [0, (byte)EmbedWish.Local], null);
            _ = FsMessage.Send(channel, FsFrame.Embed, [1, (byte)EmbedWish.Remote], null);
            _ = FsMessage.Send(channel, FsFrame.Embed, [2, (byte)EmbedWish.Local], null); // There is no such place.
            _ = FsMessage.Send(channel, FsFrame.Embed, [0, 3], null); // There is no such wish.
        }

        new Thread(() => Obey(channel, store)) { IsBackground = true }.Start();
        connection.Completed.GetAwaiter().GetResult();
        _ = FsMessage.Send(channel, FsFrame.Progress, "saving nothing");
        return 0;
    }

    private static void Obey(SeqPacketSocket channel, string store)
    {
        List<SafeFileHandle> kept = []; // The notify worker lives as long as its channel.
        while (FsMessage.Receive(channel) is { Frame: not 0 } message)
        {
            if (message.Descriptor is { } descriptor)
            {
                kept.Add(descriptor);
            }

            if (message.Frame == FsFrame.EmbedLink)
            {
                File.AppendAllText(Path.Combine(store, "embed"), $"{message.Body[0]}");
                if (message.Body[0] == 1)
                {
                    _ = FsMessage.Send(channel, FsFrame.Embed, [1, (byte)EmbedWish.None], null);
                }
            }

            if (message.Frame == FsFrame.Commit)
            {
                _ = FsMessage.Send(channel, FsFrame.Committed);
            }
        }
    }

    /// <summary>Leaves in the store folder what this process was started with, for the tests to judge.</summary>
    private static void WriteFacts(string store)
    {
        IEnumerable<string> descriptors = Directory.GetFileSystemEntries("/proc/self/fd")
            .Select(path => $"{Path.GetFileName(path)} {new FileInfo(path).LinkTarget}");
        byte[] secret = new byte[4096];
        using SafeFileHandle credential = new(4, ownsHandle: true);
        int length = Pipe.ReadToEnd(credential, secret);
        File.WriteAllLines(Path.Combine(store, "descriptors"), descriptors);
        File.WriteAllBytes(Path.Combine(store, "environ"), File.ReadAllBytes("/proc/self/environ"));
        File.WriteAllBytes(Path.Combine(store, "cmdline"), File.ReadAllBytes("/proc/self/cmdline"));
        File.WriteAllText(Path.Combine(store, "secret"), Encoding.UTF8.GetString(secret, 0, length));
    }
}
