using ClawFS.Linux;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;

namespace ClawOS.Security.Guard;

/// <summary>The /claw of one sandbox, as guard knows it. <see cref="ViewTable"/> changes it, under its lock.</summary>
/// <param name="table">Where it is.</param>
/// <param name="mount">The mount point.</param>
/// <param name="id">Its name in `.views`.</param>
/// <param name="principal">Who speaks at its launch socket; null: it has none.</param>
/// <param name="isOwn">Whether guard holds it; else a `claw run` does, and guard binds its socket alone.</param>
internal sealed class SandboxView(ViewTable table, string mount, string id, Principal? principal, bool isOwn) : IDisposable
{
    internal string Id => id;

    internal Principal? Principal => principal;

    internal bool IsOwn => isOwn;

    /// <summary>What the plan is made with.</summary>
    internal ClawView View => new(mount, id);

    /// <summary>What it shows of the mount; for a view of guard's own.</summary>
    internal IReadOnlyList<ViewGrant> Grants { get; set; } = [];

    /// <summary>Its socket, while it is bound.</summary>
    internal LocalListener? Listener { get; set; }

    /// <summary>Whether it is over.</summary>
    internal bool IsClosed { get; set; }

    /// <summary>The sandbox has ended.</summary>
    public void Dispose() => table.Close(this);
}
