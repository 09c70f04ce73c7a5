namespace ClawOS.Security.Exec;

/// <summary>What the kernel says of this process: bytes as they are, which the runtime would make text of.</summary>
internal static unsafe class AskFiles
{
    private const nint CloseOnExec = 0x80000;

    /// <summary>The path that it was started by, links followed; null where /proc is not there.</summary>
    internal static byte[]? Executable()
    {
        const int Room = 4096;
        byte[] path = new byte[Room];
        fixed (byte* link = "/proc/self/exe\0"u8, room = path)
        {
            nint length = Kernel.Call(CallNumber.Readlinkat, Kernel.Here, (nint)link, (nint)room, Room);
            return length is > 0 and < Room ? path[..(int)length] : null;
        }
    }

    /// <summary>The words that it was called with, the program's own name first; null where they cannot be read, or are more than can be asked for.</summary>
    internal static List<byte[]>? Arguments() => Texts("/proc/self/cmdline\0"u8);

    /// <summary>The environment that it was started with; null likewise.</summary>
    internal static List<byte[]>? Environment() => Texts("/proc/self/environ\0"u8);

    /// <summary>The working folder, absolute; null where it cannot be told.</summary>
    internal static byte[]? Folder()
    {
        const int Room = 4096;
        byte[] path = new byte[Room];
        fixed (byte* room = path)
        {
            nint length = Kernel.Call(CallNumber.Getcwd, (nint)room, Room); // With its zero byte; "(unreachable)" before what is not below the root.
            return length > 1 && path[0] == (byte)'/' ? path[..(int)(length - 1)] : null;
        }
    }

    /// <summary>Gives what the caller has closed of standard input, output and error the null device: else the next file that is opened would be lent as one of them.</summary>
    internal static void FillStreams()
    {
        const nint GetFlags = 1, ReadAndWrite = 2;
        fixed (byte* path = "/dev/null\0"u8)
        {
            for (int number = 0; number <= 2; number++)
            {
                if (Kernel.Call(CallNumber.Fcntl, number, GetFlags) < 0)
                {
                    _ = Kernel.Call(CallNumber.Openat, Kernel.Here, (nint)path, ReadAndWrite); // The lowest number that is free.
                }
            }
        }
    }

    private static List<byte[]>? Texts(ReadOnlySpan<byte> name)
    {
        byte[] all = new byte[AskMessage.Most];
        int length = 0;
        fixed (byte* path = name, room = all)
        {
            nint file = Kernel.Call(CallNumber.Openat, Kernel.Here, (nint)path, CloseOnExec);
            nint count;
            do
            {
                count = file < 0 ? -1 : Kernel.Call(CallNumber.Read, file, (nint)(room + length), all.Length - length);
                length += (int)Math.Max(0, count);
            }
            while (count > 0 && length < all.Length);

            _ = Kernel.Call(CallNumber.Close, file);
            if (count < 0 || length == all.Length)
            {
                return null;
            }
        }

        List<byte[]> texts = [];
        for (int at = 0; at < length;)
        {
            int size = all.AsSpan(at, length - at).IndexOf((byte)0);
            size = size < 0 ? length - at : size;
            texts.Add(all[at..(at + size)]);
            at += size + 1;
        }

        return texts;
    }
}
