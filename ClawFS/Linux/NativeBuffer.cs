using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>Page-aligned memory outside the GC heap, for I/O: the kernel reads and writes it without pinning. Starts undefined.</summary>
public sealed unsafe class NativeBuffer : SafeHandle
{
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

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
