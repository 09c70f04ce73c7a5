namespace ClawFS.Fuse.Wire;

/// <summary>Moves wire structs in and out of byte buffers. The wire is the machine's own byte order: kernel and server share one CPU.</summary>
internal static unsafe class WireStruct
{
    /// <summary>Reads a struct from the front; false if the bytes end too early.</summary>
    internal static bool TryRead<T>(ReadOnlySpan<byte> from, out T value) where T : unmanaged
    {
        if (from.Length < sizeof(T))
        {
            value = default;
            return false;
        }

        fixed (byte* p = from)
        {
            value = *(T*)p;
        }

        return true;
    }

    /// <summary>Writes a struct to the front and returns its size; the caller has made room.</summary>
    internal static int Write<T>(Span<byte> to, in T value) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to.Length, sizeof(T), nameof(to));
        fixed (byte* p = to)
        {
            *(T*)p = value;
        }

        return sizeof(T);
    }
}
