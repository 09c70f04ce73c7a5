using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class MountTableTests
{
    private const ulong Root = Vfs.RootNode;
    private readonly Mount _mount = new(new GeneratedFolder()
        .Add("README", GeneratedFile.OfText(() => "hello\n"))
        .AddStored("memory", FakeStored.Memory)
        .Add("sys", new GeneratedFolder().Add("version", GeneratedFile.OfText(() => "1\n"))));

    [Fact]
    public void The_root_lists_generated_and_stored_names() =>
        Assert.Equal([".", "..", "README", "memory", "sys"], _mount.List(Root));

    [Fact]
    public void A_listing_read_two_names_at_a_time_is_complete_and_without_repeats() =>
        Assert.Equal([".", "..", "README", "memory", "sys"], _mount.List(Root, 2));

    [Fact]
    public void A_stored_folder_is_found_by_name_and_its_references_stay_out_of_the_store()
    {
        Assert.Equal(FakeStored.Memory, _mount.Lookup("memory").Node);
        _mount.Table.Forget(FakeStored.Memory, 1);
        Assert.Empty(_mount.Stored.Lookups);
    }

    [Fact]
    public void References_to_stored_files_reach_the_store()
    {
        ulong file = _mount.Stored.Put(FakeStored.Memory, "note");
        Assert.Equal(file, _mount.Lookup("memory/note").Node);
        Assert.Equal(1, _mount.Stored.Lookups[file]);
        _mount.Table.Forget(file, 1);
        Assert.Equal(0, _mount.Stored.Lookups[file]);
    }

    [Fact]
    public void Nothing_can_be_made_removed_or_renamed_in_a_generated_folder()
    {
        FakeRequest request = new();
        Assert.Equal(Errno.EPERM, _mount.Table.MkDir(request, Root, "x"u8, 0, out _));
        Assert.Equal(Errno.EPERM, _mount.Table.Create(request, Root, "x"u8, 0, 0, out _, out _));
        Assert.Equal(Errno.EPERM, _mount.Table.MkNod(request, Root, "x"u8, 0, 0, out _));
        Assert.Equal(Errno.EPERM, _mount.Table.SymLink(request, Root, "x"u8, "y"u8, out _));
        Assert.Equal(Errno.EPERM, _mount.Table.Unlink(request, Root, "README"u8));
        Assert.Equal(Errno.EPERM, _mount.Table.RmDir(request, Root, "memory"u8));
        Assert.Equal(Errno.EPERM, _mount.Table.Rename(request, Root, "memory"u8, Root, "other"u8, 0));
        Assert.Equal(Errno.EOPNOTSUPP, _mount.Table.TmpFile(request, Root, 0, 0, out _, out _));
    }

    [Fact]
    public void Rename_and_link_across_owners_are_exdev()
    {
        ulong file = _mount.Stored.Put(FakeStored.Memory, "note");
        ulong sys = _mount.Lookup("sys").Node;
        Assert.Equal(Errno.EXDEV, _mount.Table.Rename(new FakeRequest(), FakeStored.Memory, "note"u8, sys, "note"u8, 0));
        Assert.Equal(Errno.EXDEV, _mount.Table.Rename(new FakeRequest(), Root, "README"u8, FakeStored.Memory, "README"u8, 0));
        Assert.Equal(Errno.EXDEV, _mount.Table.Link(new FakeRequest(), file, sys, "note"u8, out _));
        Assert.Equal(Errno.EXDEV, _mount.Table.Link(new FakeRequest(), _mount.Lookup("README").Node, FakeStored.Memory, "README"u8, out _));
    }

    [Fact]
    public void A_generated_child_of_a_stored_folder_is_merged_into_the_listing_and_found_first()
    {
        for (int i = 0; i < 5; i++)
        {
            _mount.Stored.Put(FakeStored.Memory, $"file{i}");
        }
        _mount.Stored.Put(FakeStored.Memory, "status");
        _mount.Table.AddBelowStored(FakeStored.Memory, "status", GeneratedFile.OfText(() => "generated\n"));
        _mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        List<string> all = ["file0", "file1", "file2", "file3", "file4", "status", "ctl"];
        Assert.Equal(all, _mount.List(FakeStored.Memory));
        Assert.Equal(all, _mount.List(FakeStored.Memory, 2));
        Assert.Equal("generated\n", _mount.Cat("memory/status"));
    }

    [Fact]
    public void User_files_cannot_shadow_or_remove_a_generated_child()
    {
        _mount.Stored.Put(FakeStored.Memory, "note");
        _mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        FakeRequest request = new();
        Assert.Equal(Errno.EEXIST, _mount.Table.Create(request, FakeStored.Memory, "ctl"u8, 0, 0, out _, out _));
        Assert.Equal(Errno.EEXIST, _mount.Table.MkDir(request, FakeStored.Memory, "ctl"u8, 0, out _));
        Assert.Equal(Errno.EEXIST, _mount.Table.Rename(request, FakeStored.Memory, "note"u8, FakeStored.Memory, "ctl"u8, 0));
        Assert.Equal(Errno.EPERM, _mount.Table.Rename(request, FakeStored.Memory, "ctl"u8, FakeStored.Memory, "x"u8, 0));
        Assert.Equal(Errno.EPERM, _mount.Table.Unlink(request, FakeStored.Memory, "ctl"u8));
        Assert.True(_mount.Table.RemoveBelowStored(FakeStored.Memory, "ctl"));
        Assert.Equal(Errno.Ok, _mount.Table.Create(request, FakeStored.Memory, "ctl"u8, 0, 0, out _, out _));
    }

    [Fact]
    public void A_shadowed_entry_of_readdirplus_leaves_no_reference_behind()
    {
        ulong hidden = _mount.Stored.Put(FakeStored.Memory, "ctl");
        ulong shown = _mount.Stored.Put(FakeStored.Memory, "note");
        _mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        ListSink sink = new(plus: true);
        Assert.Equal(Errno.Ok, _mount.Table.ReadDir(new FakeRequest(), FakeStored.Memory, 0, 0, sink));
        Assert.Equal(["note", "ctl"], sink.Names);
        Assert.Equal([shown], sink.Referenced);
        Assert.Equal(0, _mount.Stored.Lookups[hidden]);
        Assert.Equal(1, _mount.Stored.Lookups[shown]);
    }

    [Fact]
    public void The_kernel_may_not_cache_the_listing_of_a_folder_with_generated_children()
    {
        _mount.Table.OpenDir(new FakeRequest(), FakeStored.Memory, 0, out OpenReply plain);
        _mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        _mount.Table.OpenDir(new FakeRequest(), FakeStored.Memory, 0, out OpenReply overlaid);
        Assert.Equal(OpenReplyFlags.CacheDir | OpenReplyFlags.KeepCache, plain.Flags);
        Assert.Equal(OpenReplyFlags.None, overlaid.Flags);
    }

    [Fact]
    public void While_the_store_is_locked_stored_nodes_are_enokey_and_generated_ones_answer()
    {
        ulong file = _mount.Stored.Put(FakeStored.Memory, "note");
        _mount.Lookup("memory/note");
        _mount.Table.Stored = new LockedTree(_mount.Stored);
        Assert.Equal(Errno.ENOKEY, _mount.TryLookup(Root, "memory"));
        Assert.Equal(Errno.ENOKEY, _mount.TryLookup(FakeStored.Memory, "note"));
        Assert.Equal(Errno.ENOKEY, _mount.Table.Open(new FakeRequest(), file, 0, false, out _));
        Assert.Equal("hello\n", _mount.Cat("README"));
        Assert.Contains("memory", _mount.List(Root));
        _mount.Table.Forget(file, 1);
        Assert.Equal(0, _mount.Stored.Lookups[file]);
        _mount.Table.Stored = _mount.Stored;
        Assert.Equal(file, _mount.Lookup("memory/note").Node);
    }

    [Fact]
    public void One_stored_folder_has_one_place()
    {
        GeneratedFolder sys = (GeneratedFolder)_mount.Table.Root.Children[Encoding.UTF8.GetBytes("sys")].Node!;
        Assert.Throws<InvalidOperationException>(() => sys.AddStored("again", FakeStored.Memory));
    }

    [Fact]
    public void Routing_a_stored_request_allocates_nothing()
    {
        FakeRequest request = new();
        _mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        _mount.Table.GetAttr(request, FakeStored.Memory, 0, out _, out _);
        _mount.Table.Lookup(request, 77, "absent"u8, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _mount.Table.GetAttr(request, FakeStored.Memory, 0, out _, out _);
            _mount.Table.Read(request, FakeStored.Memory, 0, 0, [], out _);
            _mount.Table.Unlink(request, FakeStored.Memory, "absent"u8);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Paths_of_generated_nodes_are_known_below_stored_folders_too()
    {
        GeneratedFile status = GeneratedFile.OfText(() => "");
        _mount.Table.StoredPath = static (ulong node, out byte[] path) => { path = "memory/bob"u8.ToArray(); return node == 50; };
        _mount.Table.AddBelowStored(50, "budget", new GeneratedFolder().Add("tokens", status));
        Assert.True(_mount.Table.TryGetPath(status.Ino, out byte[] path));
        Assert.Equal("memory/bob/budget/tokens", Encoding.UTF8.GetString(path));
        Assert.True(_mount.Table.TryGetPath(_mount.Lookup("sys/version").Node, out path));
        Assert.Equal("sys/version", Encoding.UTF8.GetString(path));
    }

    [Fact]
    public void Random_node_ids_names_and_handles_never_throw()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        FakeRequest request = new();
        byte[] buffer = new byte[64];
        for (int i = 0; i < 20_000; i++)
        {
            ulong node = random.Next(4) switch { 0 => 0, 1 => Root, 2 => (ulong)random.NextInt64() | (1UL << 62), _ => ulong.MaxValue };
            ulong handle = (ulong)random.NextInt64();
            _mount.Table.Lookup(request, node, "x"u8, out _);
            _mount.Table.GetAttr(request, node, handle, out _, out _);
            _mount.Table.Open(request, node, random.Next(), false, out _);
            _mount.Table.Read(request, node, handle, (ulong)random.NextInt64(), buffer, out _);
            _mount.Table.Write(request, node, handle, (ulong)random.NextInt64(), buffer, false, false, out _);
            _mount.Table.ReadDir(request, node, handle, (ulong)random.NextInt64(), new ListSink(3));
            _mount.Table.SetAttr(request, node, new SetAttr { Fields = (SetAttrFields)random.Next(), Handle = handle, Size = (ulong)random.NextInt64() }, out _, out _);
            _mount.Table.Forget(node, (ulong)random.Next());
            _mount.Table.Release(request, node, handle, 0);
        }
        Assert.Equal("hello\n", _mount.Cat("README"));
    }
}
