using System.Runtime.InteropServices;

namespace ClawOS.Mounting.Posix;

/// <summary>A mapped piece of a file.</summary>
public sealed class Mapping : IDisposable
{
    private const int ReadWrite = 3, Shared = 1, Private = 2, MsSync = 4;
    private readonly nint _address;
    private readonly nint _length;

    public Mapping(int fd, long offset, int length, bool shared)
    {
        _length = length;
        _address = Native.MMap(0, length, ReadWrite, shared ? Shared : Private, fd, offset);
        if (_address == -1)
            Reply.Of(-1).Must("mmap");
    }

    public byte this[int at]
    {
        get => Marshal.ReadByte(_address, at);
        set => Marshal.WriteByte(_address, at, value);
    }

    public Reply Sync() => Reply.Of(Native.MSync(_address, _length, MsSync));

    public void Dispose() => Native.MUnMap(_address, _length);
}
