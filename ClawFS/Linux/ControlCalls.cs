using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>Calls for files that the kernel itself answers (cgroupfs, procfs): the calls of libc, C names kept.</summary>
internal static unsafe partial class ControlCalls
{
    internal const int AT_FDCWD = -100;
    internal const int AT_EACCESS = 0x200;
    internal const int W_OK = 2;
    internal const short POLLPRI = 2;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rmdir(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int faccessat(int folder, string path, int mode, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);
}
