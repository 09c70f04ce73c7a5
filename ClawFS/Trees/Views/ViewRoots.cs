using System.Text.Json;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>
/// The views that are open: who opens one holds it, and it goes when its last holder lets go. They are kept for a successor on the same mount, which shows them
/// from its first request on, since a name that is missing for a moment would cost a running sandbox its mounts; who holds one comes again within a minute.
/// </summary>
/// <param name="keep">Keeps bytes for a successor; called with an empty array when there is nothing to keep. Must not throw.</param>
/// <param name="binder">The thread id of guard's binding thread; 0 while there is no guard.</param>
public sealed class ViewRoots(Action<byte[]> keep, Func<uint> binder)
{
    /// <summary>Everybody who has the view connects: what a sandbox runs as may be no user of this machine, and nobody else gets as far as the socket.</summary>
    private const uint SocketPermissions = 0x1B6;

    /// <summary>Most views at one time.</summary>
    public const int Capacity = 4096;

    /// <summary>How long a view of a predecessor waits for its holder.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Held> open = new(StringComparer.Ordinal);

    /// <summary>`.views`, to be added to the root unlisted.</summary>
    public Views Folder { get; } = new();

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return open.Count;
            }
        }
    }

    /// <summary>Opens a view, or holds one more time the one that is open with the same grants.</summary>
    /// <returns>Why it cannot be opened, or null.</returns>
    public string? Open(ViewRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Fault() is { } fault)
        {
            return fault;
        }
        lock (gate)
        {
            if (open.TryGetValue(request.Id, out Held? held))
            {
                if (!held.Request.IsSame(request))
                {
                    return "there is a view of this name with other grants";
                }
                held.Holders++;
                return null;
            }
            if (open.Count >= Capacity)
            {
                return $"{Capacity} views are open, which is the most";
            }
            Held made = Show(request);
            made.Holders = 1;
            open.Add(request.Id, made);
            Keep();
            return null;
        }
    }

    /// <summary>Lets go of a view; with its last holder it is closed, and what was bound over it is unmounted.</summary>
    public void Close(string id)
    {
        lock (gate)
        {
            if (open.TryGetValue(id, out Held? held) && --held.Holders <= 0)
            {
                Remove(id);
            }
        }
    }

    /// <summary>Shows what a predecessor had open, before anything is served. Bytes that are none of <see cref="ViewRoots"/> show nothing.</summary>
    /// <param name="kept">What was kept last.</param>
    public void Inherit(ReadOnlySpan<byte> kept)
    {
        foreach (ViewRequest request in Read(kept))
        {
            lock (gate)
            {
                if (request.Fault() is null && !open.ContainsKey(request.Id))
                {
                    open.Add(request.Id, Show(request));
                }
            }
        }
        _ = Task.Delay(Patience).ContinueWith(_ => CloseUnclaimed(), TaskScheduler.Default);
    }

    /// <summary>Takes the launch sockets away: guard is gone, and whoever looks for one gets ENOENT.</summary>
    public void ReleaseSockets()
    {
        lock (gate)
        {
            foreach (Held held in open.Values)
            {
                held.Run?.Release();
            }
        }
    }

    private Held Show(ViewRequest request)
    {
        RunFolder? run = request.HasLaunch ? new RunFolder(binder, SocketPermissions) : null;
        Folder.Open(request.Id, ViewFolder.Build(request, run));
        return new Held(request, run);
    }

    private static ViewRequest[] Read(ReadOnlySpan<byte> kept)
    {
        try
        {
            ViewRequest[] read = kept.IsEmpty ? [] : JsonSerializer.Deserialize(kept, ViewJson.Default.ViewRequestArray) ?? [];
            return [.. read.Where(static request => request is { Id: not null, Grants: not null })];
        }
        catch (JsonException)
        {
            return []; // Cut off, or of another version: their sandboxes lose their /claw, and are told ENOENT.
        }
    }

    private void CloseUnclaimed()
    {
        lock (gate)
        {
            foreach (string id in open.Where(static pair => pair.Value.Holders == 0).Select(static pair => pair.Key).ToArray())
            {
                Remove(id);
            }
        }
    }

    private void Remove(string id)
    {
        _ = open.Remove(id);
        _ = Folder.Close(id);
        Keep();
    }

    private void Keep() =>
        keep(open.Count == 0 ? [] : JsonSerializer.SerializeToUtf8Bytes([.. open.Values.Select(static held => held.Request)], ViewJson.Default.ViewRequestArray));

    private sealed class Held(ViewRequest request, RunFolder? run)
    {
        public ViewRequest Request { get; } = request;

        public RunFolder? Run { get; } = run;

        public int Holders { get; set; }
    }
}
