using ClawFS.Linux;
using ClawOS.Security.Sandbox;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Guard;

/// <summary>
/// The working folder of an order: a path, for the new sandbox has a view of its own. A client that lends its own folder has it compared: in its view the path could lead
/// elsewhere, and a command would run where nobody meant it to.
/// </summary>
internal static class WorkingFolder
{
    /// <exception cref="SandboxRefusedException">The path leads to another folder than the client's.</exception>
    internal static void Check(string mount, string? folder, SafeFileHandle lent)
    {
        if (folder is null || !Path.IsPathRooted(folder))
        {
            throw new SandboxRefusedException("launch: with a descriptor of the working folder comes its absolute path");
        }

        // What is stored is at /claw in every sandbox, wherever it is mounted here.
        bool isClaw = folder == ClawView.Place || folder.StartsWith(ClawView.Place + "/", StringComparison.Ordinal);
        try
        {
            if (FolderIdentity.Of(lent) == FolderIdentity.Of(isClaw ? mount + folder[ClawView.Place.Length..] : folder))
            {
                return;
            }
        }
        catch (Exception error) when (error is LinuxException or ArgumentException)
        {
            // Said as the other: whether there is such a folder on this machine is not for everybody.
        }

        throw new SandboxRefusedException($"launch: {folder} is not the folder that came along; a sandbox's own /tmp is nobody else's");
    }
}
