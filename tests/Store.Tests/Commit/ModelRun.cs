using ClawFS.Linux;
using ClawFS.Store.Tests.Ops;
using FileMode = ClawFS.Vfs.FileMode;

namespace ClawFS.Store.Tests.Commit;

/// <summary>Random operations on a store and on a model, which must agree about every answer.</summary>
/// <param name="random">Decides everything.</param>
/// <param name="wholeBlocks">Holes begin and end at blocks and zeroing is left out, so that no operation is more than one journal record that shows.</param>
internal sealed class ModelRun(Random random, bool wholeBlocks = false)
{
    private const int LongestFile = 70_000;

    private readonly ModelNode root = new(FileMode.Directory) { Id = TreeUser.Root, Permissions = 0x1ED };

    public ModelNode Root => root;

    /// <summary>Does one operation and returns a line about it.</summary>
    public string Step(StoreFixture store)
    {
        TreeUser user = store.User;
        (ModelNode folder, string name, ModelNode? node) = Pick();
        switch (random.Next(20))
        {
            case < 4:
                return Create(store, user, folder, name, node);
            case < 6:
                return MakeFolder(store, user, folder, name, node);
            case 6:
                return MakeLink(store, user, folder, name, node);
            case 7:
                return HardLink(user, folder, name, node);
            case 8:
                return Remove(user, folder, name, node);
            case < 11:
                return Rename(user, folder, name, node);
            case 11:
                return SetXattr(store, user, node ?? folder);
            case 12:
                (node ?? folder).Permissions = (uint)random.Next(0x200);
                TreeUser.Ok(user.Chmod((node ?? folder).Id, (node ?? folder).Permissions));
                return "chmod";
            default:
                return node is { IsFile: true } ? Content(user, node) : Create(store, user, folder, name, node);
        }
    }

    private (ModelNode Folder, string Name, ModelNode? Node) Pick()
    {
        ModelNode folder = root;
        while (random.Next(3) != 0 && folder.Children.Values.Where(static c => c.IsFolder).ToArray() is { Length: > 0 } inner)
        {
            folder = inner[random.Next(inner.Length)];
        }
        string name = random.Next(3) > 0 && folder.Children.Count > 0 ? folder.Children.Keys.ElementAt(random.Next(folder.Children.Count)) : $"n{random.Next(25)}";
        return (folder, name, folder.Children.GetValueOrDefault(name));
    }

    private static string Create(StoreFixture store, TreeUser user, ModelNode folder, string name, ModelNode? there)
    {
        Errno error = store.Tree.Create(user.Request, folder.Id, TreeUser.Bytes(name), 0x1A4, 0, out Vfs.Entry entry, out _);
        return Made(user, folder, name, there, error, entry.Node, new ModelNode(FileMode.Regular) { Permissions = 0x1A4 });
    }

    private static string MakeFolder(StoreFixture store, TreeUser user, ModelNode folder, string name, ModelNode? there)
    {
        Errno error = store.Tree.MkDir(user.Request, folder.Id, TreeUser.Bytes(name), 0x1ED, out Vfs.Entry entry);
        return Made(user, folder, name, there, error, entry.Node, new ModelNode(FileMode.Directory) { Permissions = 0x1ED });
    }

    private string MakeLink(StoreFixture store, TreeUser user, ModelNode folder, string name, ModelNode? there)
    {
        string target = new('t', random.Next(1, 300));
        Errno error = store.Tree.SymLink(user.Request, folder.Id, TreeUser.Bytes(name), TreeUser.Bytes(target), out Vfs.Entry entry);
        return Made(user, folder, name, there, error, entry.Node, new ModelNode(FileMode.SymLink) { Permissions = 0x1FF, Target = target });
    }

    private static string Made(TreeUser user, ModelNode folder, string name, ModelNode? there, Errno error, ulong id, ModelNode made)
    {
        Assert.Equal(there is null ? Errno.Ok : Errno.EEXIST, error);
        if (there is null)
        {
            made.Id = id;
            folder.Children.Add(name, made);
            user.Forget(id);
        }
        return $"make {name} in {folder.Id}";
    }

    private string HardLink(TreeUser user, ModelNode folder, string name, ModelNode? there)
    {
        (_, _, ModelNode? node) = Pick();
        if (node is null)
        {
            return "link of nothing";
        }
        Errno expected = node.IsFolder ? Errno.EPERM : there is not null ? Errno.EEXIST : Errno.Ok;
        Assert.Equal(expected, user.HardLink(node.Id, folder.Id, name));
        if (expected == Errno.Ok)
        {
            node.Links++;
            folder.Children.Add(name, node);
        }
        return $"link {node.Id} as {name} in {folder.Id}";
    }

    private static string Remove(TreeUser user, ModelNode folder, string name, ModelNode? node)
    {
        if (node is { IsFolder: true })
        {
            Errno expected = node.Children.Count > 0 ? Errno.ENOTEMPTY : Errno.Ok;
            Assert.Equal(expected, user.RmDir(folder.Id, name));
            if (expected == Errno.Ok)
            {
                folder.Children.Remove(name);
            }
            return $"rmdir {name} in {folder.Id}";
        }
        Assert.Equal(node is null ? Errno.ENOENT : Errno.Ok, user.Unlink(folder.Id, name));
        if (node is not null)
        {
            node.Links--;
            folder.Children.Remove(name);
        }
        return $"unlink {name} in {folder.Id}";
    }

    private string Rename(TreeUser user, ModelNode from, string name, ModelNode? source)
    {
        (ModelNode to, string newName, ModelNode? target) = Pick();
        uint flags = random.Next(4) switch { 0 => TreeUser.NoReplace, 1 => TreeUser.Exchange, _ => 0u };
        Errno expected = Judge(from, source, to, target, flags);
        Assert.Equal(expected, user.Rename(from.Id, name, to.Id, newName, flags));
        if (expected == Errno.Ok && source != target)
        {
            from.Children.Remove(name);
            if (target is not null)
            {
                target.Links -= flags == TreeUser.Exchange ? 0 : 1;
                to.Children.Remove(newName);
                if (flags == TreeUser.Exchange)
                {
                    from.Children.Add(name, target);
                }
            }
            to.Children.Add(newName, source!);
        }
        return $"rename {name} in {from.Id} to {newName} in {to.Id} flags {flags}: {expected}";
    }

    private static Errno Judge(ModelNode from, ModelNode? source, ModelNode to, ModelNode? target, uint flags)
    {
        if (source is null)
        {
            return Errno.ENOENT;
        }
        if (target is not null && flags == TreeUser.NoReplace)
        {
            return Errno.EEXIST;
        }
        if (target is null && flags == TreeUser.Exchange)
        {
            return Errno.ENOENT;
        }
        if (source == target)
        {
            return Errno.Ok;
        }
        if (source.IsFolder && source.Holds(to) || flags == TreeUser.Exchange && target!.IsFolder && target.Holds(from))
        {
            return Errno.EINVAL;
        }
        if (target is null || flags == TreeUser.Exchange)
        {
            return Errno.Ok;
        }
        return source.IsFolder && !target.IsFolder ? Errno.ENOTDIR
            : !source.IsFolder && target.IsFolder ? Errno.EISDIR
            : target.Children.Count > 0 ? Errno.ENOTEMPTY
            : Errno.Ok;
    }

    private string SetXattr(StoreFixture store, TreeUser user, ModelNode node)
    {
        string name = $"user.{random.Next(4)}";
        if (random.Next(3) == 0)
        {
            Errno expected = node.Xattrs.Remove(name) ? Errno.Ok : Errno.ENODATA;
            Assert.Equal(expected, store.Tree.RemoveXattr(user.Request, node.Id, TreeUser.Bytes(name)));
            return $"remove xattr of {node.Id}";
        }
        byte[] value = new byte[random.Next(2000)];
        random.NextBytes(value);
        node.Xattrs[name] = value;
        TreeUser.Ok(user.SetXattr(node.Id, name, value));
        return $"set xattr of {node.Id}";
    }

    private string Content(TreeUser user, ModelNode node)
    {
        int offset = random.Next(LongestFile);
        offset = random.Next(2) == 0 ? offset / 4096 * 4096 : offset;
        int length = random.Next(3) switch { 0 => 4096, 1 => random.Next(1, 9000), _ => random.Next(1, 30) };
        int action = random.Next(8);
        if (wholeBlocks && action > 5)
        {
            (offset, length, action) = (offset / 4096 * 4096, 8192, 6);
        }
        switch (action)
        {
            case < 5:
                byte[] data = new byte[length];
                random.NextBytes(data);
                user.Write(node.Id, (ulong)offset, data);
                Grow(node, offset + length);
                data.CopyTo(node.Data, offset);
                return $"write {node.Id} at {offset}, {length} bytes";
            case 5:
                TreeUser.Ok(user.Truncate(node.Id, (ulong)offset));
                byte[] cut = node.Data;
                Array.Resize(ref cut, offset);
                node.Data = cut;
                return $"truncate {node.Id} to {offset}";
            case 6:
                TreeUser.Ok(user.Fallocate(node.Id, (ulong)offset, (ulong)length, 3));
                Clear(node, offset, length);
                return $"punch {node.Id} at {offset}, {length} bytes";
            default:
                TreeUser.Ok(user.Fallocate(node.Id, (ulong)offset, (ulong)length, 0x10));
                Grow(node, offset + length);
                Clear(node, offset, length);
                return $"zero {node.Id} at {offset}, {length} bytes";
        }
    }

    private static void Grow(ModelNode node, int end)
    {
        if (end > node.Data.Length)
        {
            byte[] grown = node.Data;
            Array.Resize(ref grown, end);
            node.Data = grown;
        }
    }

    private static void Clear(ModelNode node, int offset, int length)
    {
        if (offset < node.Data.Length)
        {
            node.Data.AsSpan(offset, Math.Min(length, node.Data.Length - offset)).Clear();
        }
    }
}
