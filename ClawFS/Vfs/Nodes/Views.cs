namespace ClawFS.Vfs;

/// <summary>
/// The folder `.views`: one root a principal, with its own generated nodes, which the launcher binds as /claw in a sandbox. It is never
/// listed, and a lookup is ENOENT to all but the one who may see it.
/// </summary>
/// <remarks>
/// A name that the kernel already holds is not denied any more: ENOENT for a cached name makes the kernel drop it, and dropping it detaches
/// every mount below it in every namespace (fs/dcache.c, d_invalidate), so anybody's stat would tear down running sandboxes. From then on
/// the permission bits do the refusing: 0700 and owned by the launcher's uid.
/// </remarks>
public sealed class Views : GeneratedFolder
{
    private readonly Func<Request, bool> admits;

    /// <summary>Makes the folder without a view.</summary>
    /// <param name="admits">Whether a caller may find views; runs on every lookup of `.views` and of what is in it.</param>
    public Views(Func<Request, bool> admits) : base(0x1C0) => this.admits = admits;

    /// <summary>The name in the root.</summary>
    public const string FileName = ".views";

    /// <summary>Publishes a root for a principal. The folder has permissions 0755 unless it says otherwise.</summary>
    public void Open(string id, GeneratedFolder root) => Add(id, root, listed: false);

    /// <summary>Revokes a view: its names are dropped from the kernel, and with them what was bound over them.</summary>
    public bool Close(string id) => Remove(id);

    internal bool Admits(Request request) => admits(request);
}
