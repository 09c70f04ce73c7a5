using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

/// <summary>A folder that takes any file but what holds "bad", and names but "no".</summary>
internal sealed class OpenFolder(ErrorLog errors) : WritableFolder
{
    public Errno Shut { get; set; } = Errno.Ok;
    public List<string> Saved { get; } = [];

    protected internal override Errno Closed => Shut;

    public void Empty() => Revoke();

    protected internal override Errno MakeFile(Request request, ReadOnlySpan<byte> name)
    {
        if (Find(name) is not null)
        {
            return Errno.EEXIST;
        }
        if (name.SequenceEqual("no"u8))
        {
            return Errno.EINVAL;
        }
        Place(name, new FolderFile(errors, [], Timestamp.Now));
        return Errno.Ok;
    }

    protected internal override Errno RenameFile(Request request, FolderFile file, WritableFolder to, ReadOnlySpan<byte> name, bool replaces)
    {
        if (!replaces && to.Find(name) is not null)
        {
            return Errno.EEXIST;
        }
        Move(file, to, name);
        return Errno.Ok;
    }

    protected internal override Errno RemoveChild(Request request, ReadOnlySpan<byte> name, GeneratedNode child)
    {
        Unlink((FolderFile)child);
        return Errno.Ok;
    }

    protected internal override Rejection? CheckBeginning(FolderFile file, ReadOnlySpan<byte> lines) => lines.IndexOf("bad\n"u8) >= 0 ? new("it is bad") : null;

    protected internal override Rejection? Save(Request request, FolderFile file, ReadOnlySpan<byte> content)
    {
        if (content.IndexOf("bad"u8) >= 0)
        {
            return new("it is bad");
        }
        Saved.Add($"{Encoding.UTF8.GetString(file.FileName)}={Encoding.UTF8.GetString(content)}");
        file.Put(content, Timestamp.NowAfter(file.ChangedAt));
        return null;
    }

    protected internal override void WritersGone(FolderFile file)
    {
        if (file.Content.Length == 0 && Saved.Count == 0)
        {
            Unlink(file);
        }
    }
}
