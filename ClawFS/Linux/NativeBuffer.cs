using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>Page-aligned memory outside the GC heap, for I/O: the kernel reads and writes it without pinning. Starts undefined.</summary>
public sealed unsafe class NativeBuffer : SafeHandle
{
    private bool locked;

    /// <summary>Allocates.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    /// <exception cref="OutOfMemoryException">No memory.</exception>
    public NativeBuffer(int length)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)length, (nuint)Environment.SystemPageSize));
    }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The bytes. Must not be used after Dispose.</summary>
    /// <exception cref="ObjectDisposedException">Disposed already.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new Span<byte>((void*)handle, Length);
        }
    }

    /// <summary>
    /// Gives every page its memory now, and keeps it from the swap as far as RLIMIT_MEMLOCK allows. A thread that has been killed can be given no page any more: a
    /// read(2) of it that is under way then fails half-way, and what it had taken is lost (fuse_dev_do_read answers that request with EIO).
    /// </summary>
    public void MakeResident()
    {
        Span.Clear();
        locked = mlock((void*)handle, (size_t)(ulong)Length) == 0;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (locked)
        {
            _ = munlock((void*)handle, (size_t)(ulong)Length);
        }

        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
