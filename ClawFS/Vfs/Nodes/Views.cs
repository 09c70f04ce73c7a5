namespace ClawFS.Vfs;

/// <summary>
/// The folder `.views`: one root a principal, with its own generated nodes, which the launcher binds as /claw in a sandbox. A view's name is the
/// capability: random, never listed, and what is asked for by another name is ENOENT. Nothing is checked at a request.
/// </summary>
/// <remarks>
/// Nobody may be denied by name: ENOENT for a name that the kernel holds makes it drop that name, and dropping it detaches every mount below it in
/// every namespace (fs/dcache.c, d_invalidate), so that anybody's stat would tear down running sandboxes. So the permission bits refuse: 0700, the owner's.
/// </remarks>
public sealed class Views : GeneratedFolder
{
    /// <summary>Makes the folder without a view.</summary>
    public Views() : base(0x1C0) { }

    /// <summary>The name in the root.</summary>
    public const string FileName = ".views";

    /// <summary>Publishes a root for a principal. The folder has permissions 0755 unless it says otherwise.</summary>
    /// <exception cref="InvalidOperationException">There is a view of this name.</exception>
    public void Open(string id, GeneratedFolder root) => Add(id, root, listed: false);

    /// <summary>Revokes a view: its names are dropped from the kernel, and with them what was bound over them. False if there is none.</summary>
    public bool Close(string id) => Remove(id);
}
