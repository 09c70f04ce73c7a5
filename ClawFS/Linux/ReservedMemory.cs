using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>
/// A long range of addresses that gets memory from its start as it grows (mmap PROT_NONE, then mprotect), so that what was handed out never moves while others read it.
/// Memory comes zeroed, on 2 MiB boundaries and with the huge-page advice where that is asked for, and stays out of core dumps.
/// </summary>
public sealed unsafe class ReservedMemory : SafeHandle
{
    private const long Huge = 2 << 20;
    private readonly nint mapped;
    private readonly long mappedLength;
    private readonly long step;
    private readonly bool hugePages;
    private long committed;

    /// <summary>Reserves addresses; takes no memory yet.</summary>
    /// <param name="most">Bytes it can grow to, at least 1.</param>
    /// <param name="hugePages">Advises the kernel to back it with huge pages (MADV_HUGEPAGE); refused advice is no failure.</param>
    /// <exception cref="LinuxException">ENOMEM: the address space has a limit (RLIMIT_AS) and is used up.</exception>
    public ReservedMemory(long most, bool hugePages)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        this.hugePages = hugePages;
        step = hugePages ? Huge : 64 << 10;
        Most = checked((most + step - 1) / step * step);
        mappedLength = checked(Most + (hugePages ? Huge : 0));
        void* address = mmap(null, (size_t)(ulong)mappedLength, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if ((nint)address == -1)
            throw LinuxException.FromLast("reserve addresses");
        mapped = (nint)address;
        SetHandle(hugePages ? (nint)((mapped + Huge - 1) / Huge * Huge) : mapped);
        // Advice: a kernel that refuses it changes the speed or a dump's size, not what the memory holds.
        _ = madvise(address, (size_t)(ulong)mappedLength, MADV_DONTDUMP);
    }

    /// <summary>Bytes it can grow to.</summary>
    public long Most { get; }

    /// <summary>Bytes from the start that may be read and written.</summary>
    public long Committed => Volatile.Read(ref committed);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte; the same until Dispose, after which it must not be used.</summary>
    public byte* Address => (byte*)handle;

    /// <summary>Makes the first bytes readable and writable; those that were already keep their content. Not for two threads at once.</summary>
    /// <param name="length">Bytes, 0..<see cref="Most"/>.</param>
    /// <exception cref="OutOfMemoryException">More than was reserved, or the system refuses (ENOMEM).</exception>
    public void Commit(long length)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length <= committed)
            return;
        if (length > Most)
            throw new OutOfMemoryException($"{Most} bytes were reserved, {length} are wanted.");

        // An eighth ahead: a call and a page-table change for every row would cost more than the row.
        long wanted = Math.Min(Most, (Math.Max(length, committed + committed / 8) + step - 1) / step * step);
        byte* from = Address + committed;
        size_t bytes = (size_t)(ulong)(wanted - committed);
        if (mprotect(from, bytes, PROT_READ | PROT_WRITE) != 0)
            throw new OutOfMemoryException(LinuxException.FromLast("commit memory").Message);
        if (hugePages)
            _ = madvise(from, bytes, MADV_HUGEPAGE);
        Volatile.Write(ref committed, wanted);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => munmap((void*)mapped, (size_t)(ulong)mappedLength) == 0;
}
