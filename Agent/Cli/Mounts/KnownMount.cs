using System.Text.Json;
using ClawFS.Linux;
using ClawFS.Supervisor;

namespace ClawOS.Cli.Mounts;

/// <summary>A mount that this user's state folder knows, alive or not.</summary>
/// <param name="Folder">Its folder in the state folder.</param>
/// <param name="MountPoint">Where it is mounted.</param>
internal sealed record KnownMount(string Folder, string MountPoint)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>The mount at a folder, whether there is one or not.</summary>
    internal static KnownMount At(string mountPoint) => new(StateFolder.ForMount(mountPoint), mountPoint);

    /// <summary>All mounts of this state folder.</summary>
    internal static IReadOnlyList<KnownMount> All() =>
        [.. StateFolder.Mounts().Select(folder => Read(folder)?.Mount).OfType<string>().Select(At)];

    /// <summary>The mount that a verb means: the named one, or the only one.</summary>
    /// <exception cref="CliException">There is none, or there are several.</exception>
    internal static KnownMount Choose(string? directory)
    {
        if (directory is not null)
        {
            return At(RealPath.Of(directory));
        }

        IReadOnlyList<KnownMount> all = All();
        return all.Count switch
        {
            1 => all[0],
            0 => throw new CliException(ExitCodes.NotFound, NothingMounted()),
            _ => throw new CliException(
                ExitCodes.Usage,
                $"several are mounted; name one of\n{string.Join('\n', all.Select(mount => $"  {mount.MountPoint}"))}"),
        };
    }

    /// <summary>The mount whose store is this folder and which is up, or null.</summary>
    internal static async Task<KnownMount?> OfStoreAsync(string store)
    {
        foreach (KnownMount mount in All())
        {
            if (Read(mount.Folder)?.Store == store && await mount.AskStatusAsync() is not null)
            {
                return mount;
            }
        }

        return null;
    }

    /// <summary>Whether the kernel has a claw mount there.</summary>
    internal bool IsMounted => MountEntry.FindAt(MountPoint)?.Type == FuseMount.Type;

    /// <summary>Asks the supervisor; null when none answers.</summary>
    internal async Task<StatusReport?> AskStatusAsync()
    {
        try
        {
            return (await AskAsync(new ControlRequest { Command = "status" }, AnswerLimit))?.Status;
        }
        catch (TimeoutException)
        {
            return null; // It lives and does not answer: for whoever asks that is the same as none.
        }
    }

    /// <summary>Asks the supervisor; null when none listens.</summary>
    internal Task<ControlReply?> AskAsync(ControlRequest request, TimeSpan limit, Action<string>? progress = null) =>
        ControlClient.AskAsync(StateFolder.ControlSocket(Folder), request, limit, progress);

    /// <summary>What the supervisor left in the state folder, for when it does not answer.</summary>
    internal StatusReport? ReadLastState() => Read(Folder);

    /// <summary>Forgets a mount that is gone.</summary>
    internal void Forget()
    {
        if (Directory.Exists(Folder))
        {
            File.Delete(StateFolder.MountFile(Folder));
            File.Delete(StateFolder.ControlSocket(Folder));
        }
    }

    /// <summary>A mount that another state folder knows, or whose state folder is lost, is never taken unasked: it may be somebody's.</summary>
    private static string NothingMounted()
    {
        string[] others = [.. MountEntry.ReadAll().Where(entry => entry.Type == FuseMount.Type).Select(entry => entry.MountPoint)];
        return others.Length == 0
            ? "nothing is mounted; claw up mounts"
            : $"{StateFolder.Root}: knows of no mount; to take one of {string.Join(", ", others)} name it";
    }

    private static StatusReport? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(StateFolder.MountFile(folder)), ControlJson.Default.StatusReport);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null; // Never up, or cut off by a power loss while it was written.
        }
    }
}
