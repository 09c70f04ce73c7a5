using ClawFS.Vfs;

namespace ClawFS.Search.Index;

/// <summary>Turns what the bus tells into files to look at. Runs on the bus's thread, so it only notes.</summary>
internal sealed class ChangeWatch : IDisposable
{
    private readonly ChangeQueue queue;
    private readonly FolderMap folders;
    private readonly Action<ulong> walk;
    private readonly IDisposable subscription;

    /// <summary>Subscribes.</summary>
    /// <param name="bus">Where the stored tree publishes.</param>
    /// <param name="queue">Takes the files.</param>
    /// <param name="folders">Is kept up.</param>
    /// <param name="walk">Called with a folder whose files have all to be looked at (moved in or out), or 0 for everything, since events were lost.</param>
    public ChangeWatch(EventBus bus, ChangeQueue queue, FolderMap folders, Action<ulong> walk)
    {
        this.queue = queue;
        this.folders = folders;
        this.walk = walk;
        subscription = bus.Subscribe(Take, _ => walk(0));
    }

    /// <inheritdoc/>
    public void Dispose() => subscription.Dispose();

    private void Take(in FsEvent e)
    {
        if (e.Node is 0 or >= Vfs.Vfs.FirstGeneratedNode)
        {
            return;
        }
        switch (e.Kind)
        {
            case FsEventKind.Create or FsEventKind.Rename when e.IsDirectory:
                folders.Set(e.Node, e.Parent, e.Name!);
                if (e.Kind == FsEventKind.Rename && IndexedNames.AdmitsFolder(e.Name) != IndexedNames.AdmitsFolder(e.OldName))
                {
                    walk(e.Node);
                }
                break;
            case FsEventKind.Remove when e.IsDirectory:
                folders.Remove(e.Node);
                break;
            case FsEventKind.Damage or FsEventKind.Hit:
                break;
            default:
                queue.Add(e.Node, Environment.TickCount64);
                break;
        }
        if (e.Replaced != 0)
        {
            queue.Add(e.Replaced, Environment.TickCount64);
        }
    }
}
