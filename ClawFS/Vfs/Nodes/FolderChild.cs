namespace ClawFS.Vfs;

/// <summary>What a name of a generated folder leads to: a generated node, or a stored folder that is mounted here.</summary>
/// <param name="Node">The generated node, or null for a stored folder.</param>
/// <param name="Stored">Inode number of the stored folder, 0 for a generated node.</param>
/// <param name="IsListed">Whether readdir shows the name.</param>
internal readonly record struct FolderChild(GeneratedNode? Node, ulong Stored, bool IsListed)
{
    public ulong Ino => Node?.Ino ?? Stored;
    public uint Mode => Node?.Mode ?? FileMode.Directory;
}
