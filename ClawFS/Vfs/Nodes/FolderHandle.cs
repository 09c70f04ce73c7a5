using System.Text;

namespace ClawFS.Vfs;

/// <summary>One open generated folder: the names as they were at opendir, so that positions stay true while it changes.</summary>
internal sealed class FolderHandle
{
    private readonly List<(byte[] Name, ulong Ino, uint Mode)> names = [];

    public FolderHandle(Request request, GeneratedFolder folder)
    {
        ulong above = folder.Parent?.Ino ?? (folder.StoredParent != 0 ? folder.StoredParent : folder.Ino);
        names.Add(("."u8.ToArray(), folder.Ino, FileMode.Directory));
        names.Add((".."u8.ToArray(), above, FileMode.Directory));
        foreach ((byte[] name, FolderChild child) in folder.Children)
        {
            if (child.IsListed)
            {
                names.Add((name, child.Ino, child.Mode));
            }
        }
        foreach ((string name, uint mode) in folder.ListDynamic(request))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            names.Add((bytes, NodeIds.IdOf(GeneratedTree.PathOf(folder, bytes)), mode));
        }
    }

    /// <summary>
    /// Adds names from a position on until the buffer is full. Attributes are never sent along: they would be references that
    /// nobody asked for, and a rendering for each file of an `ls`.
    /// </summary>
    public void Read(ulong cookie, DirSink sink)
    {
        for (ulong i = cookie; i < (ulong)names.Count; i++)
        {
            (byte[] name, ulong ino, uint mode) = names[(int)i];
            if (!sink.Add(name, ino, mode, i + 1))
            {
                return;
            }
        }
    }
}
