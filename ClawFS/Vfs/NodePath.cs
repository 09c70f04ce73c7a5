namespace ClawFS.Vfs;

/// <summary>Finds where a node is now, relative to the root of the mount and without a leading slash; false if it has no name any more.</summary>
public delegate bool NodePath(ulong node, out byte[] path);
