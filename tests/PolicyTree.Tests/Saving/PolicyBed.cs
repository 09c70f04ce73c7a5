using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Trees;
using PolicyTree.Tests.Fakes;

namespace PolicyTree.Tests.Saving;

/// <summary>policy/ in a mount table, used through the calls that the kernel would make.</summary>
internal sealed class PolicyBed
{
    private const int WriteOnly = 1;

    private readonly ulong root;

    internal PolicyBed()
    {
        Policies = new LivePolicies(new MemoryStorage(), static _ => { }) { Changed = told => Told.Add(told) };
        Mount = new MountTable(new GeneratedFolder().Add(PolicyFolder.FileName, PolicyFolder.Build(Policies, Errors)), new LockedTree(), 1000, 1000);
        Policies.Open();
        Told.Clear();
        root = Node(Vfs.RootNode, "policy");
        Active = Node(root, "active");
        Draft = Node(root, "draft");
    }

    internal LivePolicies Policies { get; }

    internal MountTable Mount { get; }

    internal ErrorLog Errors { get; } = new();

    /// <summary>Every change that was told since the store was opened.</summary>
    internal List<PolicySetChanged> Told { get; } = [];

    internal ulong Active { get; }

    internal ulong Draft { get; }

    /// <summary>The text in effect, or null.</summary>
    internal string? InEffect(string policy) =>
        Policies.Current!.Files.SingleOrDefault(file => file.Name == policy) is { } kept ? Encoding.UTF8.GetString(kept.Utf8.Span) : null;

    internal Errno Create(ulong folder, string name, out (ulong Node, ulong Handle) file)
    {
        Errno error = Mount.Create(new Asked(), folder, Bytes(name), 0x1A4, WriteOnly, out Entry entry, out OpenReply reply);
        file = (entry.Node, reply.Handle);
        return error;
    }

    internal Errno Write((ulong Node, ulong Handle) file, string text, int offset = 0) =>
        Mount.Write(new Asked(), file.Node, file.Handle, (ulong)offset, Bytes(text), false, false, out _);

    /// <summary>close(2) of the only descriptor.</summary>
    internal Errno Close((ulong Node, ulong Handle) file)
    {
        Errno error = Mount.Flush(new Asked(), file.Node, file.Handle);
        Mount.Release(new Asked(), file.Node, file.Handle, WriteOnly);
        return error;
    }

    internal Errno Save(ulong folder, string name, string text)
    {
        Errno error = Create(folder, name, out (ulong Node, ulong Handle) file);
        if (error != Errno.Ok)
        {
            return error;
        }

        error = Write(file, text);
        return Close(file) is var closed && error == Errno.Ok ? closed : error;
    }

    internal Errno Rename(ulong folder, string name, ulong to, string newName) => Mount.Rename(new Asked(), folder, Bytes(name), to, Bytes(newName), 0);

    internal Errno Remove(ulong folder, string name) => Mount.Unlink(new Asked(), folder, Bytes(name));

    /// <summary>The content that a reader is shown, or null where the name is not there.</summary>
    internal string? Read(ulong folder, string name)
    {
        if (Mount.Lookup(new Asked(), folder, Bytes(name), out Entry entry) != Errno.Ok)
        {
            return null;
        }

        Assert.Equal(Errno.Ok, Mount.Open(new Asked(), entry.Node, 0, false, out OpenReply reply));
        byte[] buffer = new byte[1 << 20];
        Assert.Equal(Errno.Ok, Mount.Read(new Asked(), entry.Node, reply.Handle, 0, buffer, out int count));
        Mount.Release(new Asked(), entry.Node, reply.Handle, 0);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    private ulong Node(ulong parent, string name)
    {
        Assert.Equal(Errno.Ok, Mount.Lookup(new Asked(), parent, Bytes(name), out Entry entry));
        return entry.Node;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
