namespace ClawFS.Vfs;

/// <summary>
/// The node of a socket that a service has bound in the mount (bind(2) arrives as MKNOD). fs sees none of what goes through it: connect(2) finds the socket by the inode that the
/// service's socket holds, so a node without its service refuses (ECONNREFUSED).
/// </summary>
/// <param name="permissions">Permission bits; connect(2) wants the write bit.</param>
public sealed class GeneratedSocket(uint permissions) : GeneratedNode(FileMode.Socket | permissions)
{
    private readonly Timestamp made = Timestamp.Now;

    /// <inheritdoc/>
    protected internal override NodeShape Measure() => new(0, made, 0);
}
