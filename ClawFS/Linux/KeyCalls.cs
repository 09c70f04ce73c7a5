using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>Key management of the kernel: add_key(2) and keyctl(2), which glibc does not wrap; names are those of linux/keyctl.h.</summary>
internal static unsafe partial class KeyCalls
{
    internal const int KEY_SPEC_THREAD_KEYRING = -1;
    internal const int KEY_SPEC_SESSION_KEYRING = -3;

    internal const int KEYCTL_JOIN_SESSION_KEYRING = 1;
    internal const int KEYCTL_SETPERM = 5;
    internal const int KEYCTL_CLEAR = 7;
    internal const int KEYCTL_LINK = 8;
    internal const int KEYCTL_SEARCH = 10;
    internal const int KEYCTL_READ = 11;
    internal const int KEYCTL_INVALIDATE = 21;

    /// <summary>VIEW, READ, SEARCH, LINK and SETATTR for who possesses the key; no WRITE: a key is replaced, never changed.</summary>
    internal const uint PossessorUses = 0x3B00_0000;

    /// <summary>The same for the key's owner.</summary>
    internal const uint OwnerUses = 0x003B_0000;

    /// <summary>The owner sees in /proc/keys that there is a key.</summary>
    internal const uint OwnerSees = 0x0001_0000;

    private static readonly nint s_addKey = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 217 : 248;
    private static readonly nint s_keyctl = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 219 : 250;

    /// <summary>add_key of type "user"; the serial number, or -1.</summary>
    internal static int AddUserKey(byte* description, ReadOnlySpan<byte> payload, int keyring)
    {
        fixed (byte* type = "user\0"u8)
        fixed (byte* bytes = payload)
            return (int)syscall(s_addKey, (nint)type, (nint)description, (nint)bytes, payload.Length, keyring);
    }

    /// <summary>KEYCTL_READ: the payload's whole length, however much of it fits; -1 on failure.</summary>
    internal static nint Read(nint key, Span<byte> payload)
    {
        fixed (byte* bytes = payload)
            return Keyctl(KEYCTL_READ, key, (nint)bytes, payload.Length);
    }

    /// <summary>keyctl; -1 on failure.</summary>
    internal static nint Keyctl(int operation, nint argument2 = 0, nint argument3 = 0, nint argument4 = 0, nint argument5 = 0) =>
        syscall(s_keyctl, operation, argument2, argument3, argument4, argument5);

    /// <summary>setfsuid(2): the uid for keys and files of this thread alone; returns the one before.</summary>
    [LibraryImport("libc")]
    internal static partial int setfsuid(uint uid);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);
}
