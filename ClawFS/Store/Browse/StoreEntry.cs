using ClawFS.Vfs;

namespace ClawFS.Store;

/// <summary>One name that a <see cref="StoreBrowser"/> found.</summary>
/// <param name="Name">The last part of the path, as <see cref="StoreName"/> writes it; empty for the stored root.</param>
/// <param name="Path">From the stored root, without a slash in front: "memory/notes/a.md".</param>
/// <param name="Attr">The attributes; <see cref="Attr.Ino"/> is the node.</param>
public sealed record StoreEntry(string Name, string Path, Attr Attr)
{
    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => Attr.IsDirectory;

    /// <summary>Whether it is a regular file.</summary>
    public bool IsFile => FileMode.IsRegular(Attr.Mode);

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsLink => FileMode.IsSymLink(Attr.Mode);
}
