using System.Runtime.InteropServices;

namespace ClawOS.Security.Exec;

/// <summary>Numbers of system calls: x86-64 (arch/x86/entry/syscalls/syscall_64.tbl) and arm64 (include/uapi/asm-generic/unistd.h); equal from 424 on.</summary>
internal static class CallNumber
{
    internal static nint Read => X64 ? 0 : 63;
    internal static nint Write => X64 ? 1 : 64;
    internal static nint Close => X64 ? 3 : 57;
    internal static nint RtSigaction => X64 ? 13 : 134;
    internal static nint RtSigprocmask => X64 ? 14 : 135;
    internal static nint Mmap => X64 ? 9 : 222;
    internal static nint Ioctl => X64 ? 16 : 29;
    internal static nint Socket => X64 ? 41 : 198;
    internal static nint Getpid => X64 ? 39 : 172;
    internal static nint Connect => X64 ? 42 : 203;
    internal static nint Sendmsg => X64 ? 46 : 211;
    internal static nint Clone => X64 ? 56 : 220;
    internal static nint Execve => X64 ? 59 : 221;
    internal static nint Kill => X64 ? 62 : 129;
    internal static nint Fcntl => X64 ? 72 : 25;
    internal static nint Getcwd => X64 ? 79 : 17;
    internal static nint Chdir => X64 ? 80 : 49;
    internal static nint Fchdir => X64 ? 81 : 50;
    internal static nint Umask => X64 ? 95 : 166;
    internal static nint Setsid => X64 ? 112 : 157;
    internal static nint Setgroups => X64 ? 116 : 159;
    internal static nint Setresuid => X64 ? 117 : 147;
    internal static nint Setresgid => X64 ? 119 : 149;
    internal static nint Capset => X64 ? 126 : 91;
    internal static nint PivotRoot => X64 ? 155 : 41;
    internal static nint Prctl => X64 ? 157 : 167;
    internal static nint Mount => X64 ? 165 : 40;
    internal static nint Umount2 => X64 ? 166 : 39;
    internal static nint Sethostname => X64 ? 170 : 161;
    internal static nint ClockGettime => X64 ? 228 : 113;
    internal static nint ExitGroup => X64 ? 231 : 94;
    internal static nint Waitid => X64 ? 247 : 95;
    internal static nint Openat => X64 ? 257 : 56;
    internal static nint Mkdirat => X64 ? 258 : 34;
    internal static nint Mknodat => X64 ? 259 : 33;
    internal static nint Symlinkat => X64 ? 266 : 36;
    internal static nint Readlinkat => X64 ? 267 : 78;
    internal static nint Ppoll => X64 ? 271 : 73;
    internal static nint Unshare => X64 ? 272 : 97;
    internal static nint Dup3 => X64 ? 292 : 24;
    internal static nint Pipe2 => X64 ? 293 : 59;
    internal static nint Prlimit64 => X64 ? 302 : 261;
    internal static nint Setns => X64 ? 308 : 268;
    internal static nint Seccomp => X64 ? 317 : 277;
    internal static nint Statx => X64 ? 332 : 291;
    internal const nint PidfdSendSignal = 424;
    internal const nint OpenTree = 428;
    internal const nint MoveMount = 429;
    internal const nint Fsopen = 430;
    internal const nint Fsconfig = 431;
    internal const nint Fsmount = 432;
    internal const nint Clone3 = 435;
    internal const nint CloseRange = 436;
    internal const nint Openat2 = 437;
    internal const nint MountSetattr = 442;
    internal const nint LandlockCreateRuleset = 444;
    internal const nint LandlockAddRule = 445;
    internal const nint LandlockRestrictSelf = 446;

    // A constant for the native compiler.
    private static bool X64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;
}
