using System.Runtime.InteropServices;

namespace ClawOS.Mounting.Posix;

/// <summary>What a system call answered: a value, or the name of the errno.</summary>
public readonly record struct Reply(long Value, string? Error)
{
    public static Reply Ok => new(0, null);

    public bool Failed => Error is not null;

    /// <summary>Reads errno of this thread when the call returned -1.</summary>
    internal static Reply Of(long result) => result == -1 ? new(-1, ErrnoNames.Name(Marshal.GetLastPInvokeError())) : new(result, null);

    /// <summary>The value; throws where the call failed, for steps that only prepare.</summary>
    public long Must(string what) => Error is null ? Value : throw new PosixException($"{what}: {Error}");

    public override string ToString() => Error ?? Value.ToString();
}

/// <summary>A preparing system call failed.</summary>
public sealed class PosixException(string message) : Exception(message);

/// <summary>errno(3) names, from the C library itself.</summary>
internal static class ErrnoNames
{
    public static string Name(int errno) => Marshal.PtrToStringUTF8(Native.ErrnoName(errno)) switch
    {
        null => $"errno-{errno}",
        "ENOTSUP" => "EOPNOTSUPP",
        var name => name,
    };
}
