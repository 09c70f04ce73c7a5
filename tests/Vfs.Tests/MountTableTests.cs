using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class MountTableTests
{
    private const ulong Root = Vfs.RootNode;
    private readonly Mount mount = new(new GeneratedFolder()
        .Add("README", GeneratedFile.OfText(() => "hello\n"))
        .AddStored("memory", FakeStored.Memory)
        .Add("sys", new GeneratedFolder().Add("version", GeneratedFile.OfText(() => "1\n"))));

    [Fact]
    public void The_root_lists_generated_and_stored_names() =>
        Assert.Equal([".", "..", "README", "memory", "sys"], mount.List(Root));

    [Fact]
    public void A_listing_read_two_names_at_a_time_is_complete_and_without_repeats() =>
        Assert.Equal([".", "..", "README", "memory", "sys"], mount.List(Root, 2));

    [Fact]
    public void A_stored_folder_is_found_by_name_and_its_references_stay_out_of_the_store()
    {
        Assert.Equal(FakeStored.Memory, mount.Lookup("memory").Node);
        mount.Table.Forget(FakeStored.Memory, 1);
        Assert.Empty(mount.Stored.Lookups);
    }

    [Fact]
    public void References_to_stored_files_reach_the_store()
    {
        ulong file = mount.Stored.Put(FakeStored.Memory, "note");
        Assert.Equal(file, mount.Lookup("memory/note").Node);
        Assert.Equal(1, mount.Stored.Lookups[file]);
        mount.Table.Forget(file, 1);
        Assert.Equal(0, mount.Stored.Lookups[file]);
    }

    [Fact]
    public void Nothing_can_be_made_removed_or_renamed_in_a_generated_folder()
    {
        FakeRequest request = new();
        Assert.Equal(Errno.EPERM, mount.Table.MkDir(request, Root, "x"u8, 0, out _));
        Assert.Equal(Errno.EPERM, mount.Table.Create(request, Root, "x"u8, 0, 0, out _, out _));
        Assert.Equal(Errno.EPERM, mount.Table.MkNod(request, Root, "x"u8, 0, 0, out _));
        Assert.Equal(Errno.EPERM, mount.Table.SymLink(request, Root, "x"u8, "y"u8, out _));
        Assert.Equal(Errno.EPERM, mount.Table.Unlink(request, Root, "README"u8));
        Assert.Equal(Errno.EPERM, mount.Table.RmDir(request, Root, "memory"u8));
        Assert.Equal(Errno.EPERM, mount.Table.Rename(request, Root, "memory"u8, Root, "other"u8, 0));
        Assert.Equal(Errno.EOPNOTSUPP, mount.Table.TmpFile(request, Root, 0, 0, out _, out _));
    }

    [Fact]
    public void Rename_and_link_across_owners_are_exdev()
    {
        ulong file = mount.Stored.Put(FakeStored.Memory, "note");
        ulong sys = mount.Lookup("sys").Node;
        Assert.Equal(Errno.EXDEV, mount.Table.Rename(new FakeRequest(), FakeStored.Memory, "note"u8, sys, "note"u8, 0));
        Assert.Equal(Errno.EXDEV, mount.Table.Rename(new FakeRequest(), Root, "README"u8, FakeStored.Memory, "README"u8, 0));
        Assert.Equal(Errno.EXDEV, mount.Table.Link(new FakeRequest(), file, sys, "note"u8, out _));
        Assert.Equal(Errno.EXDEV, mount.Table.Link(new FakeRequest(), mount.Lookup("README").Node, FakeStored.Memory, "README"u8, out _));
    }

    [Fact]
    public void A_generated_child_of_a_stored_folder_is_merged_into_the_listing_and_found_first()
    {
        for (int i = 0; i < 5; i++)
        {
            mount.Stored.Put(FakeStored.Memory, $"file{i}");
        }
        mount.Stored.Put(FakeStored.Memory, "status");
        mount.Table.AddBelowStored(FakeStored.Memory, "status", GeneratedFile.OfText(() => "generated\n"));
        mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        List<string> all = ["ctl", "file0", "file1", "file2", "file3", "file4", "status"];
        Assert.Equal(all, mount.List(FakeStored.Memory));
        Assert.Equal(all, mount.List(FakeStored.Memory, 2));
        Assert.Equal("generated\n", mount.Cat("memory/status"));
    }

    [Fact]
    public void User_files_cannot_shadow_or_remove_a_generated_child()
    {
        mount.Stored.Put(FakeStored.Memory, "note");
        mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        FakeRequest request = new();
        Assert.Equal(Errno.EEXIST, mount.Table.Create(request, FakeStored.Memory, "ctl"u8, 0, 0, out _, out _));
        Assert.Equal(Errno.EEXIST, mount.Table.MkDir(request, FakeStored.Memory, "ctl"u8, 0, out _));
        Assert.Equal(Errno.EEXIST, mount.Table.Rename(request, FakeStored.Memory, "note"u8, FakeStored.Memory, "ctl"u8, 0));
        Assert.Equal(Errno.EPERM, mount.Table.Rename(request, FakeStored.Memory, "ctl"u8, FakeStored.Memory, "x"u8, 0));
        Assert.Equal(Errno.EPERM, mount.Table.Unlink(request, FakeStored.Memory, "ctl"u8));
        Assert.True(mount.Table.RemoveBelowStored(FakeStored.Memory, "ctl"));
        Assert.Equal(Errno.Ok, mount.Table.Create(request, FakeStored.Memory, "ctl"u8, 0, 0, out _, out _));
    }

    [Fact]
    public void A_shadowed_entry_of_readdirplus_leaves_no_reference_behind()
    {
        ulong hidden = mount.Stored.Put(FakeStored.Memory, "ctl");
        ulong shown = mount.Stored.Put(FakeStored.Memory, "note");
        mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        ListSink sink = new(plus: true);
        Assert.Equal(Errno.Ok, mount.Table.ReadDir(new FakeRequest(), FakeStored.Memory, 0, sink));
        Assert.Equal(["note", "ctl"], sink.Names);
        Assert.Equal([shown], sink.Referenced);
        Assert.Equal(0, mount.Stored.Lookups[hidden]);
        Assert.Equal(1, mount.Stored.Lookups[shown]);
    }

    [Fact]
    public void A_kernel_that_opens_folders_may_not_cache_the_listing_of_one_with_generated_children()
    {
        mount.Table.OpenDir(new FakeRequest(), FakeStored.Memory, out OpenReplyFlags plain);
        mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        mount.Table.OpenDir(new FakeRequest(), FakeStored.Memory, out OpenReplyFlags overlaid);
        mount.Table.OpenDir(new FakeRequest(), Root, out OpenReplyFlags generated);
        Assert.Equal(OpenReplyFlags.CacheDir | OpenReplyFlags.KeepCache, plain);
        Assert.Equal(OpenReplyFlags.None, overlaid);
        Assert.Equal(OpenReplyFlags.None, generated);
    }

    [Fact]
    public void While_the_store_is_locked_stored_nodes_are_enokey_and_generated_ones_answer()
    {
        ulong file = mount.Stored.Put(FakeStored.Memory, "note");
        mount.Lookup("memory/note");
        mount.Table.Stored = new LockedTree(mount.Stored);
        Assert.Equal(Errno.ENOKEY, mount.TryLookup(Root, "memory"));
        Assert.Equal(Errno.ENOKEY, mount.TryLookup(FakeStored.Memory, "note"));
        Assert.Equal(Errno.ENOKEY, mount.Table.Open(new FakeRequest(), file, 0, false, out _));
        Assert.Equal("hello\n", mount.Cat("README"));
        Assert.Contains("memory", mount.List(Root));
        mount.Table.Forget(file, 1);
        Assert.Equal(0, mount.Stored.Lookups[file]);
        mount.Table.Stored = mount.Stored;
        Assert.Equal(file, mount.Lookup("memory/note").Node);
    }

    [Fact]
    public void One_stored_folder_has_one_place()
    {
        GeneratedFolder sys = (GeneratedFolder)mount.Table.Root.Children[Encoding.UTF8.GetBytes("sys")].Node!;
        Assert.Throws<InvalidOperationException>(() => sys.AddStored("again", FakeStored.Memory));
    }

    [Fact]
    public void Routing_a_stored_request_allocates_nothing()
    {
        FakeRequest request = new();
        mount.Table.AddBelowStored(FakeStored.Memory, "ctl", GeneratedFile.OfText(() => ""));
        mount.Table.GetAttr(request, FakeStored.Memory, 0, out _, out _);
        mount.Table.Lookup(request, 77, "absent"u8, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            mount.Table.GetAttr(request, FakeStored.Memory, 0, out _, out _);
            mount.Table.Read(request, FakeStored.Memory, 0, 0, [], out _);
            mount.Table.Unlink(request, FakeStored.Memory, "absent"u8);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Paths_of_generated_nodes_are_known_below_stored_folders_too()
    {
        GeneratedFile status = GeneratedFile.OfText(() => "");
        mount.Table.StoredPath = static (ulong node, out byte[] path) => { path = "memory/bob"u8.ToArray(); return node == 50; };
        mount.Table.AddBelowStored(50, "budget", new GeneratedFolder().Add("tokens", status));
        Assert.True(mount.Table.TryGetPath(status.Ino, out byte[] path));
        Assert.Equal("memory/bob/budget/tokens", Encoding.UTF8.GetString(path));
        Assert.True(mount.Table.TryGetPath(mount.Lookup("sys/version").Node, out path));
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
            mount.Table.Lookup(request, node, "x"u8, out _);
            mount.Table.GetAttr(request, node, handle, out _, out _);
            mount.Table.Open(request, node, random.Next(), false, out _);
            mount.Table.Read(request, node, handle, (ulong)random.NextInt64(), buffer, out _);
            mount.Table.Write(request, node, handle, (ulong)random.NextInt64(), buffer, false, false, out _);
            mount.Table.ReadDir(request, node, (ulong)random.NextInt64(), new ListSink(3));
            mount.Table.SetAttr(request, node, new SetAttr { Fields = (SetAttrFields)random.Next(), Handle = handle, Size = (ulong)random.NextInt64() }, out _, out _);
            mount.Table.Forget(node, (ulong)random.Next());
            mount.Table.Release(request, node, handle, 0);
        }
        Assert.Equal("hello\n", mount.Cat("README"));
    }
}
