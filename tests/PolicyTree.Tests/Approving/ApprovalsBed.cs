using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Trees;
using PolicyTree.Tests.Fakes;

namespace PolicyTree.Tests.Approving;

/// <summary>approvals/ in a mount table, used through the calls that the kernel would make; the test is guard.</summary>
internal sealed class ApprovalsBed
{
    private const int WriteOnly = 1, Truncate = 0x200;

    private readonly List<string> answers = [];

    internal ApprovalsBed()
    {
        Table = new Approvals(1000, Events, Errors, Hear, Clock);
        Mount = new MountTable(new GeneratedFolder().Add(ApprovalFolder.FileName, Table.Folder), new LockedTree(), 1000, 1000);
        Assert.Equal(Errno.Ok, Mount.Lookup(new Asked(), Vfs.RootNode, "approvals"u8, out Entry entry));
        FolderNode = entry.Node;
    }

    internal Approvals Table { get; }

    internal MountTable Mount { get; }

    internal ulong FolderNode { get; }

    internal EventList Events { get; } = new();

    internal ErrorLog Errors { get; } = new();

    internal LateClock Clock { get; } = new();

    /// <summary>Whether anybody hears of answers.</summary>
    internal bool IsHeard { get; set; } = true;

    /// <summary>What guard was told: "id yes uid".</summary>
    internal string[] Answers
    {
        get
        {
            lock (answers)
            {
                return [.. answers];
            }
        }
    }

    internal bool Add(string id, string card = "what = \"launch\"\n") => Table.Add(new PendingApproval(id, Clock.Now.AddMinutes(5), card));

    /// <summary>What is listed.</summary>
    internal string[] Names()
    {
        NameSink sink = new();
        Assert.Equal(Errno.Ok, Mount.ReadDir(new Asked(), FolderNode, 0, sink));
        return [.. sink.Names.Where(static name => name is not ("." or "..")).Order(StringComparer.Ordinal)];
    }

    internal Errno Find(string id, out ulong node, uint uid = 1000)
    {
        Errno error = Mount.Lookup(new Asked(uid), FolderNode, Encoding.UTF8.GetBytes(id), out Entry entry);
        node = entry.Node;
        return error;
    }

    internal (ulong Node, ulong Handle) OpenToWrite(string id, uint uid = 1000)
    {
        Assert.Equal(Errno.Ok, Find(id, out ulong node, uid));
        Assert.Equal(Errno.Ok, Mount.Open(new Asked(uid), node, WriteOnly | Truncate, false, out OpenReply reply));
        return (node, reply.Handle);
    }

    internal Errno Write((ulong Node, ulong Handle) file, string text, uint uid = 1000)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Errno error = Mount.Write(new Asked(uid), file.Node, file.Handle, 0, bytes, false, false, out int count);
        Assert.Equal(error == Errno.Ok ? bytes.Length : 0, count);
        return error;
    }

    internal string Read(string id)
    {
        Assert.Equal(Errno.Ok, Find(id, out ulong node));
        Assert.Equal(Errno.Ok, Mount.Open(new Asked(), node, 0, false, out OpenReply reply));
        byte[] buffer = new byte[1 << 20];
        Assert.Equal(Errno.Ok, Mount.Read(new Asked(), node, reply.Handle, 0, buffer, out int count));
        Mount.Release(new Asked(), node, reply.Handle, 0);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    private bool Hear(string id, bool isYes, uint uid)
    {
        lock (answers)
        {
            if (IsHeard)
            {
                answers.Add($"{id} {(isYes ? "yes" : "no")} {uid}");
            }

            return IsHeard;
        }
    }

    private sealed class NameSink : DirSink
    {
        public List<string> Names { get; } = [];

        public override bool Plus => false;

        public override bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie) => false;

        public override bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie)
        {
            Names.Add(Encoding.UTF8.GetString(name));
            return true;
        }
    }
}
