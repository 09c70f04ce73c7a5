using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Sandbox.Amending;

/// <summary>
/// The user and mount namespaces of a running sandbox, from the descriptors that its claw-exec keeps for this: its processes themselves let nobody look, or could choose not to.
/// </summary>
internal sealed class SandboxNamespaces : IDisposable
{
    private SandboxNamespaces(SafeFileHandle users, SafeFileHandle mounts) => (Users, Mounts) = (users, mounts);

    internal SafeFileHandle Users { get; }

    internal SafeFileHandle Mounts { get; }

    /// <summary>Finds them; null when claw-exec has none: it has only begun, or has ended.</summary>
    /// <param name="launcher">Its process id.</param>
    /// <exception cref="UnauthorizedAccessException">It is somebody else's.</exception>
    internal static SandboxNamespaces? TryOpen(int launcher)
    {
        string folder = $"/proc/{launcher}/fd";
        string? users = null, mounts = null;
        try
        {
            foreach (string descriptor in Directory.EnumerateFiles(folder))
            {
                string? target = new FileInfo(descriptor).LinkTarget;
                users = target?.StartsWith("user:[", StringComparison.Ordinal) == true ? descriptor : users;
                mounts = target?.StartsWith("mnt:[", StringComparison.Ordinal) == true ? descriptor : mounts;
            }

            return users is null || mounts is null ? null : new SandboxNamespaces(Open(users), Open(mounts));
        }
        catch (IOException)
        {
            return null; // It has ended.
        }
    }

    public void Dispose()
    {
        Users.Dispose();
        Mounts.Dispose();
    }

    private static SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
