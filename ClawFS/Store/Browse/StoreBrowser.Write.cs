using System.Globalization;
using System.Security.Cryptography;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoreBrowser
{
    private const uint NewFileMode = 0x180, NewFolderMode = 0x1C0;

    /// <summary>
    /// Writes a file as a whole: under another name first, synced, then renamed over the path, so that the path holds the old content or the new one and
    /// never a part. Missing folders are made. A file that is replaced hands on its mode and owner.
    /// </summary>
    /// <param name="path">Where; must not be a folder.</param>
    /// <param name="from">The content, to its end.</param>
    /// <param name="progress">Told the bytes written so far.</param>
    /// <exception cref="StoreException">EISDIR, ENOTDIR, ENOSPC, EDQUOT, EROFS ...</exception>
    public void Write(string path, Stream from, IProgress<long>? progress = null)
    {
        (ulong folder, byte[] name) = MakeParents(path);
        ulong old = Peek(folder, name, path);
        Attr mode = new() { Mode = NewFileMode, Uid = request.Uid, Gid = request.Gid };
        if (old != 0)
        {
            mode = AttrOf(old, path);
            if (mode.IsDirectory)
            {
                throw Refused(Errno.EISDIR, path, "is a folder");
            }
        }
        byte[] temporary = System.Text.Encoding.ASCII.GetBytes($".claw-put-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        Check(tree.Create(request, folder, temporary, NewFileMode, 0, out Entry made, out _), path);
        try
        {
            Fill(made.Node, from, path, progress);
            if (FileMode.IsRegular(mode.Mode))
            {
                var set = new SetAttr { Fields = SetAttrFields.Mode | SetAttrFields.Uid | SetAttrFields.Gid, Mode = mode.Mode, Uid = mode.Uid, Gid = mode.Gid };
                Check(tree.SetAttr(request, made.Node, set, out _, out _), path);
            }
            Check(request.Wait(tree.Fsync(request, made.Node, 0, false)), path);
            Check(tree.Rename(request, folder, temporary, folder, name, 0), path);
            Check(request.Wait(tree.FsyncDir(request, folder)), path);
        }
        catch
        {
            tree.Unlink(request, folder, temporary);
            throw;
        }
        finally
        {
            tree.Forget(made.Node, 1);
        }
    }

    /// <summary>Makes a symbolic link in place of the file or link that has its path. Missing folders are made.</summary>
    /// <param name="path">Where; must not be a folder.</param>
    /// <param name="target">What it points to; never looked at.</param>
    /// <exception cref="StoreException">EISDIR, ENOTDIR, ENOSPC, EDQUOT, EROFS ...</exception>
    public void WriteLink(string path, string target)
    {
        (ulong folder, byte[] name) = MakeParents(path);
        ulong old = Peek(folder, name, path);
        if (old != 0)
        {
            Check(AttrOf(old, path).IsDirectory ? Errno.EISDIR : tree.Unlink(request, folder, name), path);
        }
        Check(tree.SymLink(request, folder, name, System.Text.Encoding.UTF8.GetBytes(target), out Entry made), path);
        tree.Forget(made.Node, 1);
    }

    /// <summary>Makes a folder and the missing ones above it; one that is there stays as it is.</summary>
    public void MakeFolders(string path)
    {
        ulong folder = StoredTree.RootFolder;
        foreach (string part in Split(path))
        {
            folder = Enter(folder, part, path);
        }
    }

    /// <summary>Removes a file, a link or an empty folder; with <paramref name="recursive"/> a folder with all that is below it.</summary>
    public void Remove(string path, bool recursive = false)
    {
        StoreEntry entry = Resolve(path);
        if (entry.Path.Length == 0)
        {
            throw Refused(Errno.EBUSY, path, "the root of the store stays");
        }
        if (entry.IsFolder && recursive)
        {
            foreach (StoreEntry child in List(entry.Path))
            {
                Remove(child.Path, recursive: true);
            }
        }
        int slash = entry.Path.LastIndexOf('/');
        ulong folder = Resolve(slash < 0 ? "" : entry.Path[..slash]).Attr.Ino;
        byte[] name = StoreName.ToBytes(entry.Name) is { } exact && Peek(folder, exact, path) == entry.Attr.Ino ? exact : StoreName.Unescape(entry.Name)!;
        Check(entry.IsFolder ? tree.RmDir(request, folder, name) : tree.Unlink(request, folder, name), path);
    }

    private (ulong Folder, byte[] Name) MakeParents(string path)
    {
        string[] parts = Split(path);
        if (parts.Length == 0)
        {
            throw Refused(Errno.EINVAL, path, "name a file, like memory/a.md");
        }
        ulong folder = StoredTree.RootFolder;
        foreach (string part in parts[..^1])
        {
            folder = Enter(folder, part, path);
        }
        return (folder, NewName(parts[^1], path));
    }

    private ulong Enter(ulong folder, string part, string path)
    {
        ulong node = Find(folder, part, path);
        if (node != 0)
        {
            return AttrOf(node, path).IsDirectory ? node : throw Refused(Errno.ENOTDIR, path, $"\"{part}\" is no folder");
        }
        Check(tree.MkDir(request, folder, NewName(part, path), NewFolderMode, out Entry entry), path);
        tree.Forget(entry.Node, 1);
        return entry.Node;
    }

    private static byte[] NewName(string part, string path) =>
        StoreName.ToBytes(part) ?? throw Refused(Errno.EINVAL, path, string.Create(CultureInfo.InvariantCulture, $"\"{part}\" can be no name"));

    private void Fill(ulong node, Stream from, string path, IProgress<long>? progress)
    {
        byte[] buffer = new byte[BufferSize];
        ulong offset = 0;
        while (from.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var length and > 0)
        {
            Check(tree.Write(request, node, 0, offset, buffer.AsSpan(0, length), false, false, out int count), path);
            if (count != length)
            {
                throw Refused(Errno.EIO, path, "the store took fewer bytes than given");
            }
            offset += (ulong)length;
            progress?.Report((long)offset);
        }
    }
}
