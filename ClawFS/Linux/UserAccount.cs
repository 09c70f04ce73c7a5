using System.Globalization;
using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>An account of this machine, looked up as the C library is configured to (files, LDAP and so on: nsswitch.conf(5)).</summary>
/// <param name="Name">The login name.</param>
/// <param name="Uid">Its user id.</param>
/// <param name="Gid">Its primary group id.</param>
/// <param name="Home">Its home folder.</param>
public sealed unsafe partial record UserAccount(string Name, uint Uid, uint Gid, string Home)
{
    // getpwnam and getpwuid answer in one static buffer.
    private static readonly Lock Gate = new();

    /// <summary>Finds an account by its name, or by its number written in digits; null when there is none.</summary>
    /// <param name="nameOrUid">Like "ada" or "1000".</param>
    public static UserAccount? Find(string nameOrUid)
    {
        lock (Gate)
        {
            return From(getpwnam(nameOrUid))
                ?? (uint.TryParse(nameOrUid, NumberStyles.None, CultureInfo.InvariantCulture, out uint uid) ? From(getpwuid(uid)) : null);
        }
    }

    /// <summary>Finds an account by its number; null when there is none.</summary>
    /// <param name="uid">The user id.</param>
    public static UserAccount? Find(uint uid)
    {
        lock (Gate)
        {
            return From(getpwuid(uid));
        }
    }

    private static UserAccount? From(Passwd* entry) => entry is null
        ? null
        : new UserAccount(Text(entry->Name), entry->Uid, entry->Gid, Text(entry->Home));

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Passwd* getpwnam(string name);

    [LibraryImport("libc")]
    private static partial Passwd* getpwuid(uint uid);

    /// <summary>struct passwd of glibc and musl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Passwd
    {
        internal byte* Name;
        internal byte* Password;
        internal uint Uid;
        internal uint Gid;
        internal byte* Comment;
        internal byte* Home;
        internal byte* Shell;
    }
}
