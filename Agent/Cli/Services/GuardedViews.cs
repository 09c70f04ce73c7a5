using ClawFS.Linux;
using ClawFS.Trees;
using ClawOS.Security.GuardLink;
using ViewGrant = ClawFS.Trees.ViewGrant;

namespace ClawOS.Cli.Services;

/// <summary>
/// The views that guard holds for the sandboxes that it starts: they go when it says so and when it is gone. Calls come one at a time, as <see cref="GuardSide.Asked"/> makes them.
/// </summary>
/// <param name="views">All views of the mount.</param>
/// <param name="send">Sends guard a frame.</param>
internal sealed class GuardedViews(ViewRoots views, Func<GuardFrame, bool> send)
{
    private readonly HashSet<string> held = new(StringComparer.Ordinal);

    /// <summary>Opens a view, or takes over that of an earlier fs, and answers: EINVAL a view that cannot be, EEXIST one of this name is there already, ENOSPC there are too many.</summary>
    internal void Open(OpenViewFrame wanted) => _ = send(new ViewOpenedFrame(wanted.Request, (uint)TryOpen(wanted)));

    /// <summary>Lets go of a view; of one that guard does not hold it is nothing.</summary>
    internal void Close(string id)
    {
        if (held.Remove(id))
        {
            views.Close(id);
        }
    }

    /// <summary>Lets go of all. A view that somebody else holds stays, without its launch socket.</summary>
    internal void Lost()
    {
        foreach (string id in held)
        {
            views.Close(id);
        }

        held.Clear();
        views.ReleaseSockets();
    }

    private Errno TryOpen(OpenViewFrame wanted)
    {
        ViewRequest request = new(wanted.Id, [.. wanted.Grants.Select(static grant => new ViewGrant(grant.Path, grant.IsFolder))], wanted.HasLaunch);
        if (request.Fault() is not null)
        {
            return Errno.EINVAL;
        }

        if (held.Contains(wanted.Id))
        {
            return Errno.EEXIST;
        }

        if (views.Open(request) is not null)
        {
            return views.Count >= ViewRoots.Capacity ? Errno.ENOSPC : Errno.EEXIST;
        }

        _ = held.Add(wanted.Id);
        return Errno.Ok;
    }
}
