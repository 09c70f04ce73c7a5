using System.Text;

namespace ClawOS.Security.Exec;

/// <summary>
/// The stand-in: this program where a command is that nobody in the sandbox may start without the owner's yes. It asks at the view's launch socket for what it was called as,
/// lends its descriptors, folder and environment, and ends as that command ends. It has no right that its caller has not; what runs is what guard has read.
/// </summary>
internal static class AskProgram
{
    private const int Refused = 126, TimedOutCode = 124, SignalBase = 128, Kill = 9;

    /// <summary>
    /// The command in whose place this program stands; null: it is the launcher. The kernel says under which path it was started, and a bind mount is the command's path: neither argv
    /// nor the environment, which are the caller's, can choose. So the launcher's own file must be named claw-exec, and no command of that name gets a stand-in.
    /// </summary>
    internal static byte[]? FindCommand()
    {
        byte[]? path = AskFiles.Executable();
        if (path is null)
        {
            return null;
        }

        // What the kernel adds once the launcher's file has been replaced by a newer one, whatever it is bound over.
        ReadOnlySpan<byte> gone = " (deleted)"u8;
        path = path.AsSpan().EndsWith(gone) ? path[..^gone.Length] : path;
        return path.AsSpan(path.AsSpan().LastIndexOf((byte)'/') + 1).SequenceEqual("claw-exec"u8) ? null : path;
    }

    /// <summary>Asks, waits and ends like the command.</summary>
    /// <param name="command">Its path.</param>
    /// <returns>The exit code.</returns>
    internal static int Run(byte[] command)
    {
        AskFiles.FillStreams();
        if (AskMessage.Of(command, out byte[]? folder) is not { } message)
        {
            return Fail("what it is called with, or the environment, is no text or longer than 64 KiB");
        }

        using AskSocket socket = new();
        if (!socket.TryConnect())
        {
            return Fail($"nobody can be asked for the owner's yes at {AskSocket.Path} (errno {Kernel.Error})");
        }

        if (!socket.TrySend(message, withFolder: folder is not null))
        {
            return Fail($"the request cannot be sent (errno {Kernel.Error})");
        }

        byte[] room = new byte[AskMessage.Most];
        for (int length = socket.Receive(room); length > 0; length = socket.Receive(room))
        {
            AskReply reply = AskReply.Read(room.AsSpan(0, length));
            if (reply.Reason is { } reason)
            {
                return EndAs(reason, reply.Code, reply.Error);
            }

            if (reply.Error is { } error)
            {
                return Fail(error);
            }

            if (reply.Approval is { } approval)
            {
                Say($"waits for the owner's yes: {approval} (claw approve {approval})");
            }
        }

        return Fail("guard is gone, and the command with it");
    }

    private static int EndAs(string reason, int code, string? why)
    {
        switch (reason)
        {
            case "killed" when why is not null:
                Say(why);
                return EndBy(code);
            case "exited":
                return code;
            case "timedOut":
                Say("ended after the policy's time");
                return TimedOutCode;
            case "outOfMemory":
                Say("ended by the kernel: more memory than the policy allows");
                return EndBy(Kill);
            case "signalled" or "killed":
                return EndBy(code);
            default:
                return Fail(why ?? $"was not started ({reason})");
        }
    }

    /// <summary>As the command: whoever waits for this process shall see the same.</summary>
    private static int EndBy(int signal)
    {
        Signals.SetToDefault();
        _ = Kernel.Call(CallNumber.Kill, Kernel.Call(CallNumber.Getpid), signal);
        return SignalBase + signal; // A signal that ends nobody.
    }

    private static int Fail(string why)
    {
        Say(why);
        return Refused;
    }

    private static unsafe void Say(string text)
    {
        // What is told may hold words of the caller; a terminal would obey them.
        byte[] line = Encoding.UTF8.GetBytes($"claw: {string.Concat(text.Select(static letter => char.IsControl(letter) ? '?' : letter))}\n");
        fixed (byte* bytes = line)
        {
            _ = Kernel.Call(CallNumber.Write, 2, (nint)bytes, line.Length);
        }
    }
}
