using System.Security.Cryptography;
using System.Text;
using ClawFS.Store.Tests.Ops;
using ClawFS.Vfs;
using FileMode = ClawFS.Vfs.FileMode;

namespace ClawFS.Store.Tests.Commit;

/// <summary>What a node of the store must hold, kept the simplest way.</summary>
internal sealed class ModelNode(uint type)
{
    public uint Type { get; } = type;
    public ulong Id { get; set; }
    public uint Permissions { get; set; }
    public int Links { get; set; } = 1;
    public string Target { get; init; } = "";
    public byte[] Data { get; set; } = [];
    public SortedDictionary<string, ModelNode> Children { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, byte[]> Xattrs { get; } = new(StringComparer.Ordinal);

    public bool IsFolder => Type == FileMode.Directory;
    public bool IsFile => Type == FileMode.Regular;

    public bool Holds(ModelNode other) => this == other || Children.Values.Any(c => c.IsFolder && c.Holds(other));

    /// <summary>Everything below, one line a name: equal texts, equal trees.</summary>
    public string Dump()
    {
        var text = new StringBuilder();
        Dump(text, "");
        return text.ToString();
    }

    private void Dump(StringBuilder text, string path)
    {
        uint links = IsFolder ? 2 + (uint)Children.Values.Count(static c => c.IsFolder) : (uint)Links;
        Line(text, path, Type | Permissions, links, Target, Data, Xattrs);
        foreach ((string name, ModelNode child) in Children)
        {
            child.Dump(text, path + "/" + name);
        }
    }

    /// <summary>The same text for what a store holds below a node.</summary>
    public static string DumpStore(TreeUser user, StoredTree tree, ulong node)
    {
        var text = new StringBuilder();
        DumpStore(text, user, tree, node, "");
        return text.ToString();
    }

    private static void DumpStore(StringBuilder text, TreeUser user, StoredTree tree, ulong node, string path)
    {
        Attr attr = user.Attr(node);
        string target = "";
        if (FileMode.IsSymLink(attr.Mode))
        {
            byte[] buffer = new byte[4096];
            TreeUser.Ok(tree.ReadLink(user.Request, node, buffer, out int length));
            target = Encoding.Latin1.GetString(buffer, 0, length);
        }
        var xattrs = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        byte[] names = new byte[65_536];
        TreeUser.Ok(tree.ListXattr(user.Request, node, names, out int used));
        foreach (string name in Encoding.Latin1.GetString(names, 0, used).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            xattrs.Add(name, user.GetXattr(node, name)!);
        }
        byte[] data = FileMode.IsRegular(attr.Mode) ? user.ReadAll(node) : [];
        Line(text, path, attr.Mode, attr.Nlink, target, data, xattrs);
        if (attr.IsDirectory)
        {
            foreach (string name in user.List(node, 100).Order(StringComparer.Ordinal))
            {
                ulong child = user.Peek(node, name);
                Assert.NotEqual(0UL, child);
                DumpStore(text, user, tree, child, path + "/" + name);
            }
        }
    }

    private static void Line(StringBuilder text, string path, uint mode, uint links, string target, byte[] data, SortedDictionary<string, byte[]> xattrs)
    {
        text.Append(path).Append($" {mode:x} {links} {target} {data.Length} ").Append(Convert.ToHexString(SHA256.HashData(data).AsSpan(0, 8)));
        foreach ((string name, byte[] value) in xattrs)
        {
            text.Append(' ').Append(name).Append('=').Append(Convert.ToHexString(SHA256.HashData(value).AsSpan(0, 4)));
        }
        text.Append('\n');
    }
}
