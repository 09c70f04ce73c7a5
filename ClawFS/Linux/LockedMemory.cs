using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>
/// Pages for secrets: outside the GC heap (never copied by it), locked against swap, left out of core dumps, empty in a
/// forked child, zeroed at <see cref="SafeHandle.Dispose()"/>. Starts zeroed. Takes whole pages; keep one for a few secrets, not one a file.
/// </summary>
public sealed unsafe class LockedMemory : SafeHandle
{
    private readonly size_t mapped;

    /// <summary>Maps and locks.</summary>
    /// <param name="length">Bytes wanted, at least 1.</param>
    /// <exception cref="LinuxException">ENOMEM: no memory. A lock limit (RLIMIT_MEMLOCK) is no failure; see <see cref="Locked"/>.</exception>
    public LockedMemory(int length)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        ulong page = (ulong)Environment.SystemPageSize;
        mapped = (size_t)(((ulong)length + page - 1) / page * page);
        void* address = mmap(null, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if ((nint)address == -1)
            throw LinuxException.FromLast("map memory");
        SetHandle((nint)address);
        Locked = mlock(address, mapped) == 0;
        if (madvise(address, mapped, MADV_DONTDUMP) != 0 || madvise(address, mapped, MADV_WIPEONFORK) != 0)
        {
            LinuxException failure = LinuxException.FromLast("protect memory");
            Dispose();
            throw failure;
        }
    }

    /// <summary>Bytes asked for.</summary>
    public int Length { get; }

    /// <summary>Whether the pages are locked in memory; false where RLIMIT_MEMLOCK did not allow it.</summary>
    public bool Locked { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The bytes, for a sole owner. Must not be used after Dispose: the pages are then unmapped, or somebody else's.</summary>
    /// <exception cref="ObjectDisposedException">Disposed already.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new Span<byte>((void*)handle, Length);
        }
    }

    /// <summary>The bytes where another thread may dispose meanwhile: the pages stay until the lease is disposed.</summary>
    /// <exception cref="ObjectDisposedException">Disposed already.</exception>
    public Lease Hold() => new(this);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)handle, Length));
        return munmap((void*)handle, mapped) == 0;
    }

    /// <summary>A short loan of the bytes.</summary>
    public readonly ref struct Lease
    {
        private readonly LockedMemory owner;

        internal Lease(LockedMemory owner)
        {
            bool held = false;
            owner.DangerousAddRef(ref held);
            this.owner = owner;
            Span = new Span<byte>((void*)owner.handle, owner.Length);
        }

        /// <summary>The bytes, valid until <see cref="Dispose"/>.</summary>
        public Span<byte> Span { get; }

        /// <summary>Ends the loan.</summary>
        public void Dispose() => owner.DangerousRelease();
    }
}
