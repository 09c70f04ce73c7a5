using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Mounts;

/// <summary>
/// One command at a time mounts at a mount point: of two that look, both would find nothing there, and the second supervisor would take the socket of the first. A lock file in
/// the mount's state folder, from the look to the ready mount; it goes with the process, however that ends.
/// </summary>
internal static class StartTurn
{
    private const string FileName = "starting";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for the turn; it lasts until the result is disposed.</summary>
    internal static async Task<IDisposable> TakeAsync(KnownMount mount, CancellationToken cancel)
    {
        StateFolder.CreateRoot();
        StateFolder.CreatePrivate(mount.Folder);
        Folder folder = Folder.Open(mount.Folder);
        try
        {
            bool told = false;
            while (!folder.TryLock(FileName, out string holder))
            {
                if (!told)
                {
                    Out.Warn($"{mount.MountPoint}: {holder} is mounting it; waiting");
                    told = true;
                }

                await Task.Delay(Pause, cancel);
            }

            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }
}
