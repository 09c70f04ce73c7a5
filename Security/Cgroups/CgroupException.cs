using ClawFS.Linux;

namespace ClawOS.Security.Cgroups;

/// <summary>A control group refused something. The message reads "write '5' to /sys/fs/cgroup/pids/claw/a/pids.max: permission denied (EACCES); run as root, or ...".</summary>
public sealed class CgroupException : IOException
{
    internal CgroupException(string file, Errno error, string what, string? wayOut, Exception? inner = null)
        : base(wayOut is null ? what : $"{what}; {wayOut}", inner)
    {
        File = file;
        Error = error;
        WayOut = wayOut;
    }

    /// <summary>The file or folder that refused; empty when the request was refused before any file was asked.</summary>
    public string File { get; }

    /// <summary>The error number of the kernel; <see cref="Errno.Ok"/> when it was not the kernel that refused.</summary>
    public Errno Error { get; }

    /// <summary>What would help; null where nothing is known.</summary>
    public string? WayOut { get; }

    /// <summary>A refusal by the kernel, with the way out that fits file and number.</summary>
    internal static CgroupException From(LinuxException refusal, string file) =>
        new(file, refusal.Error, refusal.Message, Remedy.For(refusal.Error, file), refusal);

    /// <summary>The kernel's text is not what its documentation says.</summary>
    internal static CgroupException NotUnderstood(string file, FormatException problem) =>
        new(file, Errno.EPROTO, $"read {file}: {problem.Message}", null, problem);
}
