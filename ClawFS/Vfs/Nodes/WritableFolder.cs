using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// A generated folder in which callers make, save, rename, replace and remove files, as editors do. Modes and owners are those of the folder whatever a caller asks for; there are no
/// folders, links and special files in it. A derived class decides about each change and then makes it with <see cref="Place"/>, <see cref="Unlink"/> and <see cref="Move"/>, one
/// change at a time.
/// </summary>
/// <param name="permissions">Permission bits; 0755 by default.</param>
public abstract class WritableFolder(uint permissions = 0x1ED) : GeneratedFolder(permissions)
{
    /// <inheritdoc/>
    protected internal override bool IsVolatile => true;

    /// <summary>What everything on names here is answered with, or Ok: ENOKEY while the store is locked.</summary>
    protected internal virtual Errno Closed => Errno.Ok;

    /// <summary>What listing is answered with, or Ok.</summary>
    protected internal virtual Errno Unlisted => Closed;

    /// <summary>Makes an empty file and says Ok, or says why not: EEXIST if there is one, which is opened then. What is written is saved when it is closed.</summary>
    protected internal abstract Errno MakeFile(Request request, ReadOnlySpan<byte> name);

    /// <summary>Renames a file, over what has the name, and says Ok, or says why not and changes nothing.</summary>
    /// <param name="request">Who renames.</param>
    /// <param name="file">A file of this folder.</param>
    /// <param name="to">Where to; EXDEV for a folder that this one does not know.</param>
    /// <param name="name">The new name.</param>
    /// <param name="replaces">Whether a file of that name may go; else EEXIST.</param>
    protected internal abstract Errno RenameFile(Request request, FolderFile file, WritableFolder to, ReadOnlySpan<byte> name, bool replaces);

    /// <summary>Makes a content live (<see cref="FolderFile.Put"/>) and says null, or says why not and changes nothing.</summary>
    protected internal abstract Rejection? Save(Request request, FolderFile file, ReadOnlySpan<byte> content);

    /// <summary>Checks what has been written so far, whole lines from the beginning; null = further lines may make it good.</summary>
    protected internal virtual Rejection? CheckBeginning(FolderFile file, ReadOnlySpan<byte> lines) => null;

    /// <summary>The last descriptor that was open for writing has been closed.</summary>
    protected internal virtual void WritersGone(FolderFile file) { }

    /// <summary>The file of a name, or null.</summary>
    public FolderFile? Find(ReadOnlySpan<byte> name) => Children.TryGetValue(name.ToArray(), out FolderChild child) ? child.Node as FolderFile : null;

    /// <summary>All files.</summary>
    protected IReadOnlyList<FolderFile> Files => [.. Children.Values.Select(static child => child.Node).OfType<FolderFile>()];

    /// <summary>Gives a new file a name that nothing has.</summary>
    protected void Place(ReadOnlySpan<byte> name, FolderFile file) => PlaceNode(name.ToArray(), file);

    /// <summary>Takes a file's name away; whoever has it open goes on.</summary>
    protected void Unlink(FolderFile file) => UnlinkNode(file);

    /// <summary>Gives a file another name, here or in another folder, over what has it.</summary>
    protected void Move(FolderFile file, WritableFolder to, ReadOnlySpan<byte> name) => MoveNode(file, to, name.ToArray());

    /// <summary>Takes all names away, and what the files hold: whoever has one open reads nothing more and saves nothing (ENOKEY).</summary>
    protected void Revoke()
    {
        foreach (FolderFile file in Files)
        {
            Unlink(file);
            file.Revoke();
        }
    }
}
