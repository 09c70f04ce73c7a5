using ClawFS.Linux;
using static ClawFS.Vfs.Vfs;

namespace ClawFS.Fuse.Wire;

/// <summary>Takes a request apart from the front. Nothing is ever read beyond its end, whatever the lengths inside say.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> body)
{
    /// <summary>Longest symbolic link target in bytes (PATH_MAX without its NUL).</summary>
    internal const int MaxTarget = 4095;

    private ReadOnlySpan<byte> rest = body;

    /// <summary>What has not been taken.</summary>
    internal readonly ReadOnlySpan<byte> Rest => rest;

    internal bool Take<T>(out T value) where T : unmanaged
    {
        if (!WireStruct.TryRead(rest, out value))
        {
            return false;
        }

        unsafe
        {
            rest = rest[sizeof(T)..];
        }

        return true;
    }

    /// <summary>A file name that may be made: 1..255 bytes, no '/', neither "." nor "..".</summary>
    internal Errno TakeName(out ReadOnlySpan<byte> name)
    {
        Errno error = TakeText(MaxName, out name);
        return error != Errno.Ok ? error : name.Contains((byte)'/') || IsDots(name) ? Errno.EINVAL : Errno.Ok;
    }

    /// <summary>Bytes up to a NUL, at least one. Longer than <paramref name="longest"/> is ENAMETOOLONG; none or no NUL is EINVAL.</summary>
    internal Errno TakeText(int longest, out ReadOnlySpan<byte> text)
    {
        int end = rest.IndexOf((byte)0);
        if (end <= 0)
        {
            text = default;
            return Errno.EINVAL;
        }

        text = rest[..end];
        rest = rest[(end + 1)..];
        return end > longest ? Errno.ENAMETOOLONG : Errno.Ok;
    }

    internal static bool IsDots(ReadOnlySpan<byte> name) => name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);
}
