namespace ClawOS.Security.Exec;

/// <summary>The connection of a stand-in to the launch socket of its view.</summary>
internal sealed unsafe class AskSocket : IDisposable
{
    internal const string Path = "/claw/run/launch";
    private const nint CloseOnExec = 0x80000;

    /// <summary>How often it is tried while there is no socket, and how long it is waited between: a guard that has died has a successor within this.</summary>
    private const int Tries = 100;
    private const long PauseNanoseconds = 50_000_000;

    private nint socket = -1;

    /// <summary>Connects.</summary>
    /// <returns>False with errno set.</returns>
    internal bool TryConnect()
    {
        const nint Unix = 1, SeqPacket = 5;
        const int AddressSize = 110, PathAt = 2;
        long* pause = stackalloc long[2];
        byte* address = stackalloc byte[AddressSize];
        new Span<byte>(address, AddressSize).Clear();
        *(ushort*)address = (ushort)Unix;
        "/claw/run/launch"u8.CopyTo(new Span<byte>(address + PathAt, AddressSize - PathAt));
        socket = Kernel.Call(CallNumber.Socket, Unix, SeqPacket | CloseOnExec);
        for (int tries = 0; socket >= 0; tries++)
        {
            if (Kernel.Call(CallNumber.Connect, socket, (nint)address, AddressSize) == 0)
            {
                return true;
            }

            if (Kernel.Error is not (Kernel.ENOENT or Kernel.ECONNREFUSED or Kernel.EINTR) || tries == Tries)
            {
                return false;
            }

            (pause[0], pause[1]) = (0, PauseNanoseconds);
            _ = Kernel.Call(CallNumber.Ppoll, 0, 0, (nint)pause);
        }

        return false;
    }

    /// <summary>Sends the request with standard input, output and error, and the working folder behind them.</summary>
    /// <returns>False with errno set.</returns>
    internal bool TrySend(byte[] message, bool withFolder)
    {
        const nint PathOnly = 0x200000, NoSignal = 0x4000;
        const int SocketLevel = 1, Rights = 1, Head = 16, Streams = 3;
        int* control = stackalloc int[] { Head, 0, SocketLevel, Rights, 0, 1, 2, 0 }; // struct cmsghdr
        int count = Streams;
        fixed (byte* bytes = message, here = ".\0"u8)
        {
            if (withFolder)
            {
                nint folder = Kernel.Call(CallNumber.Openat, Kernel.Here, (nint)here, PathOnly | CloseOnExec);
                if (folder < 0)
                {
                    return false;
                }

                control[(Head / sizeof(int)) + count++] = (int)folder;
            }

            control[0] += count * sizeof(int);
            nint* vector = stackalloc nint[] { (nint)bytes, message.Length };
            nint* header = stackalloc nint[] { 0, 0, (nint)vector, 1, (nint)control, control[0], 0 }; // struct msghdr
            nint sent;
            do
            {
                sent = Kernel.Call(CallNumber.Sendmsg, socket, (nint)header, NoSignal);
            }
            while (sent < 0 && Kernel.Error == Kernel.EINTR);

            return sent == message.Length;
        }
    }

    /// <summary>Waits for a message. A refusal that was sent before the request was read comes behind a reset.</summary>
    /// <returns>Its length; 0 at the end.</returns>
    internal int Receive(byte[] room)
    {
        fixed (byte* bytes = room)
        {
            nint count;
            do
            {
                count = Kernel.Call(CallNumber.Read, socket, (nint)bytes, room.Length);
            }
            while (count < 0 && Kernel.Error is (Kernel.EINTR or Kernel.ECONNRESET));

            return (int)Math.Max(0, count);
        }
    }

    public void Dispose() => Kernel.Call(CallNumber.Close, socket);
}
