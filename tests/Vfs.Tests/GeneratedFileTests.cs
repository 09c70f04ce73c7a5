using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class GeneratedFileTests
{
    private string content = "one\n";
    private readonly GeneratedFile file;
    private readonly Mount mount;

    public GeneratedFileTests()
    {
        file = new(() => Encoding.UTF8.GetBytes(content), keep: TimeSpan.Zero);
        mount = new(new GeneratedFolder().Add("f", file));
    }

    [Fact]
    public void The_size_is_exact_and_the_kernel_may_not_cache()
    {
        Entry entry = mount.Lookup("f");
        Assert.Equal(4u, entry.Attr.Size);
        Assert.Equal(0u, entry.AttrSeconds);
        Assert.Equal(0u, entry.EntrySeconds);
        Assert.Equal(FileMode.Regular | 0x124, entry.Attr.Mode);
        Assert.Equal((1000u, 1001u), (entry.Attr.Uid, entry.Attr.Gid));
        mount.Table.Open(new FakeRequest(), entry.Node, 0, false, out OpenReply reply);
        Assert.Equal(OpenReplyFlags.DirectIo, reply.Flags);
    }

    [Fact]
    public void What_was_there_at_open_is_what_is_read()
    {
        ulong node = mount.Lookup("f").Node;
        ulong handle = mount.Open(node, Mount.ReadOnly);
        content = "something longer\n";
        Assert.Equal("one\n", mount.Read(node, handle));
        Assert.Equal("", mount.Read(node, handle, 4));
        mount.Table.GetAttr(new FakeRequest(), node, handle, out Attr attr, out _);
        Assert.Equal(4u, attr.Size);
        Assert.Equal(content, mount.Cat("f"));
    }

    [Fact]
    public void A_new_size_comes_with_a_new_node_id_and_the_same_inode_number()
    {
        Entry before = mount.Lookup("f");
        content = "two and more\n";
        Entry after = mount.Lookup("f");
        Assert.NotEqual(before.Node, after.Node);
        Assert.Equal(before.Attr.Ino, after.Attr.Ino);
        Assert.Equal((ulong)content.Length, after.Attr.Size);
    }

    [Fact]
    public void A_node_id_that_the_kernel_has_forgotten_serves_again()
    {
        Entry before = mount.Lookup("f");
        mount.Table.Forget(before.Node, 1);
        content = "two and more\n";
        Assert.Equal(before.Node, mount.Lookup("f").Node);
    }

    [Fact]
    public void An_old_node_id_opens_the_content_that_its_size_was_told_for()
    {
        ulong before = mount.Lookup("f").Node;
        content = "two and more\n";
        mount.Lookup("f");
        ulong handle = mount.Open(before, Mount.ReadOnly);
        Assert.Equal("one\n", mount.Read(before, handle));
    }

    [Fact]
    public void The_mtime_stays_when_the_same_bytes_are_rendered_again()
    {
        Timestamp first = mount.Lookup("f").Attr.Mtime;
        file.Changed();
        Assert.Equal(first, mount.Lookup("f").Attr.Mtime);
        content = "two\n";
        SpinWait.SpinUntil(() => Timestamp.Now.CompareTo(first) > 0);
        Assert.True(mount.Lookup("f").Attr.Mtime.CompareTo(first) > 0);
    }

    [Fact]
    public void A_rendering_serves_for_the_time_it_is_kept()
    {
        int rendered = 0;
        GeneratedFile kept = new(() => BitConverter.GetBytes(++rendered), keep: Timeout.InfiniteTimeSpan);
        mount.Table.Root.Add("kept", kept);
        mount.Lookup("kept");
        mount.Cat("kept");
        Assert.Equal(1, rendered);
        kept.Changed();
        mount.Cat("kept");
        Assert.Equal(2, rendered);
    }

    [Theory]
    [InlineData(Mount.WriteOnly)]
    [InlineData(Mount.ReadWrite)]
    [InlineData(Mount.WriteOnly | Mount.Truncate)]
    public void Opening_it_for_writing_is_eacces(int flags) =>
        Assert.Equal(Errno.EACCES, mount.Table.Open(new FakeRequest(uid: 0), mount.Lookup("f").Node, flags, false, out _));

    [Fact]
    public void Mode_owner_and_times_are_fixed_but_setting_what_is_there_succeeds()
    {
        ulong node = mount.Lookup("f").Node;
        Assert.Equal(Errno.EPERM, Set(node, new SetAttr { Fields = SetAttrFields.Mode, Mode = 0x1B6 }));
        Assert.Equal(Errno.EPERM, Set(node, new SetAttr { Fields = SetAttrFields.Uid, Uid = 7 }));
        Assert.Equal(Errno.Ok, Set(node, new SetAttr { Fields = SetAttrFields.Mode | SetAttrFields.Uid, Mode = 0x124, Uid = 1000 }));
        Assert.Equal(Errno.EPERM, Set(node, new SetAttr { Fields = SetAttrFields.MtimeNow }));
        Assert.Equal(Errno.EACCES, Set(node, new SetAttr { Fields = SetAttrFields.Size }));
        Assert.Equal(Errno.EPERM, mount.Table.SetXattr(new FakeRequest(), node, "user.x"u8, [], 0));
        Assert.Equal(Errno.ENODATA, mount.Table.GetXattr(new FakeRequest(), node, "user.x"u8, [], out _));
    }

    [Fact]
    public void A_link_is_read_back()
    {
        mount.Table.Root.Add("latest", new GeneratedLink("f"));
        Entry entry = mount.Lookup("latest");
        byte[] target = new byte[4096];
        Assert.Equal(Errno.Ok, mount.Table.ReadLink(new FakeRequest(), entry.Node, target, out int length));
        Assert.Equal("f", Encoding.UTF8.GetString(target, 0, length));
        Assert.Equal(1u, entry.Attr.Size);
        Assert.True(FileMode.IsSymLink(entry.Attr.Mode));
    }

    [Fact]
    public void Inode_numbers_follow_from_the_path_and_survive_a_restart()
    {
        Mount other = new(new GeneratedFolder().Add("g", GeneratedFile.OfText(() => "")).Add("f", GeneratedFile.OfText(() => "x")));
        Assert.Equal(mount.Lookup("f").Attr.Ino, other.Lookup("f").Attr.Ino);
        Assert.NotEqual(other.Lookup("g").Attr.Ino, other.Lookup("f").Attr.Ino);
        Assert.True(other.Lookup("f").Attr.Ino >= Vfs.FirstGeneratedNode);
    }

    [Fact]
    public void A_handle_of_an_earlier_fs_reads_on_with_the_content_of_now() =>
        Assert.Equal("one\n", mount.Read(mount.Lookup("f").Node, handle: 99));

    [Fact]
    public void References_and_node_ids_balance_under_random_lookups_changes_and_forgets()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        Dictionary<ulong, (ulong Count, ulong Size)> kernel = [];
        for (int i = 0; i < 5000; i++)
        {
            if (random.Next(4) == 0)
            {
                content = new string('x', random.Next(5));
            }
            if (random.Next(3) != 0)
            {
                Entry entry = mount.Lookup("f");
                // A kernel with writeback cache keeps the size it was told first.
                (ulong Count, ulong Size) known = kernel.GetValueOrDefault(entry.Node, (0u, entry.Attr.Size));
                kernel[entry.Node] = (known.Count + 1, known.Size);
                Assert.Equal((ulong)content.Length, known.Size);
                ulong handle = mount.Open(entry.Node, Mount.ReadOnly);
                Assert.Equal(content, mount.Read(entry.Node, handle));
                mount.Close(entry.Node, handle);
            }
            else if (kernel.Count != 0)
            {
                ulong node = kernel.Keys.ElementAt(random.Next(kernel.Count));
                mount.Table.Forget(node, kernel[node].Count);
                kernel.Remove(node);
            }
        }
        foreach ((ulong node, (ulong count, _)) in kernel)
        {
            mount.Table.Forget(node, count);
        }
        Assert.InRange(file.Aliases.Count, 1, 2);
        Assert.Equal(0, mount.Table.OpenGeneratedFiles);
    }

    private Errno Set(ulong node, SetAttr set) => mount.Table.SetAttr(new FakeRequest(), node, set, out _, out _);
}
