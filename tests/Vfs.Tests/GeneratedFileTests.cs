using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class GeneratedFileTests
{
    private string _content = "one\n";
    private readonly GeneratedFile _file;
    private readonly Mount _mount;

    public GeneratedFileTests()
    {
        _file = new(() => Encoding.UTF8.GetBytes(_content), keep: TimeSpan.Zero);
        _mount = new(new GeneratedFolder().Add("f", _file));
    }

    [Fact]
    public void The_size_is_exact_and_the_kernel_may_not_cache()
    {
        Entry entry = _mount.Lookup("f");
        Assert.Equal(4u, entry.Attr.Size);
        Assert.Equal(0u, entry.AttrSeconds);
        Assert.Equal(0u, entry.EntrySeconds);
        Assert.Equal(FileMode.Regular | 0x124, entry.Attr.Mode);
        Assert.Equal((1000u, 1001u), (entry.Attr.Uid, entry.Attr.Gid));
        _mount.Table.Open(new FakeRequest(), entry.Node, 0, false, out OpenReply reply);
        Assert.Equal(OpenReplyFlags.DirectIo, reply.Flags);
    }

    [Fact]
    public void What_was_there_at_open_is_what_is_read()
    {
        ulong node = _mount.Lookup("f").Node;
        ulong handle = _mount.Open(node, Mount.ReadOnly);
        _content = "something longer\n";
        Assert.Equal("one\n", _mount.Read(node, handle));
        Assert.Equal("", _mount.Read(node, handle, 4));
        _mount.Table.GetAttr(new FakeRequest(), node, handle, out Attr attr, out _);
        Assert.Equal(4u, attr.Size);
        Assert.Equal(_content, _mount.Cat("f"));
    }

    [Fact]
    public void A_new_size_comes_with_a_new_node_id_and_the_same_inode_number()
    {
        Entry before = _mount.Lookup("f");
        _content = "two and more\n";
        Entry after = _mount.Lookup("f");
        Assert.NotEqual(before.Node, after.Node);
        Assert.Equal(before.Attr.Ino, after.Attr.Ino);
        Assert.Equal((ulong)_content.Length, after.Attr.Size);
    }

    [Fact]
    public void A_node_id_that_the_kernel_has_forgotten_serves_again()
    {
        Entry before = _mount.Lookup("f");
        _mount.Table.Forget(before.Node, 1);
        _content = "two and more\n";
        Assert.Equal(before.Node, _mount.Lookup("f").Node);
    }

    [Fact]
    public void An_old_node_id_opens_the_content_that_its_size_was_told_for()
    {
        ulong before = _mount.Lookup("f").Node;
        _content = "two and more\n";
        _mount.Lookup("f");
        ulong handle = _mount.Open(before, Mount.ReadOnly);
        Assert.Equal("one\n", _mount.Read(before, handle));
    }

    [Fact]
    public void The_mtime_stays_when_the_same_bytes_are_rendered_again()
    {
        Timestamp first = _mount.Lookup("f").Attr.Mtime;
        _file.Changed();
        Assert.Equal(first, _mount.Lookup("f").Attr.Mtime);
        _content = "two\n";
        SpinWait.SpinUntil(() => Timestamp.Now.CompareTo(first) > 0);
        Assert.True(_mount.Lookup("f").Attr.Mtime.CompareTo(first) > 0);
    }

    [Fact]
    public void A_rendering_serves_for_the_time_it_is_kept()
    {
        int rendered = 0;
        GeneratedFile kept = new(() => BitConverter.GetBytes(++rendered), keep: Timeout.InfiniteTimeSpan);
        _mount.Table.Root.Add("kept", kept);
        _mount.Lookup("kept");
        _mount.Cat("kept");
        Assert.Equal(1, rendered);
        kept.Changed();
        _mount.Cat("kept");
        Assert.Equal(2, rendered);
    }

    [Theory]
    [InlineData(Mount.WriteOnly)]
    [InlineData(Mount.ReadWrite)]
    [InlineData(Mount.WriteOnly | Mount.Truncate)]
    public void Opening_it_for_writing_is_eacces(int flags) =>
        Assert.Equal(Errno.EACCES, _mount.Table.Open(new FakeRequest(uid: 0), _mount.Lookup("f").Node, flags, false, out _));

    [Fact]
    public void Mode_owner_and_times_are_fixed_but_setting_what_is_there_succeeds()
    {
        ulong node = _mount.Lookup("f").Node;
        Assert.Equal(Errno.EPERM, Set(node, new SetAttr { Fields = SetAttrFields.Mode, Mode = 0x1B6 }));
        Assert.Equal(Errno.EPERM, Set(node, new SetAttr { Fields = SetAttrFields.Uid, Uid = 7 }));
        Assert.Equal(Errno.Ok, Set(node, new SetAttr { Fields = SetAttrFields.Mode | SetAttrFields.Uid, Mode = 0x124, Uid = 1000 }));
        Assert.Equal(Errno.EPERM, Set(node, new SetAttr { Fields = SetAttrFields.MtimeNow }));
        Assert.Equal(Errno.EACCES, Set(node, new SetAttr { Fields = SetAttrFields.Size }));
        Assert.Equal(Errno.EPERM, _mount.Table.SetXattr(new FakeRequest(), node, "user.x"u8, [], 0));
        Assert.Equal(Errno.ENODATA, _mount.Table.GetXattr(new FakeRequest(), node, "user.x"u8, [], out _));
    }

    [Fact]
    public void A_link_is_read_back()
    {
        _mount.Table.Root.Add("latest", new GeneratedLink("f"));
        Entry entry = _mount.Lookup("latest");
        byte[] target = new byte[4096];
        Assert.Equal(Errno.Ok, _mount.Table.ReadLink(new FakeRequest(), entry.Node, target, out int length));
        Assert.Equal("f", Encoding.UTF8.GetString(target, 0, length));
        Assert.Equal(1u, entry.Attr.Size);
        Assert.True(FileMode.IsSymLink(entry.Attr.Mode));
    }

    [Fact]
    public void Inode_numbers_follow_from_the_path_and_survive_a_restart()
    {
        Mount other = new(new GeneratedFolder().Add("g", GeneratedFile.OfText(() => "")).Add("f", GeneratedFile.OfText(() => "x")));
        Assert.Equal(_mount.Lookup("f").Attr.Ino, other.Lookup("f").Attr.Ino);
        Assert.NotEqual(other.Lookup("g").Attr.Ino, other.Lookup("f").Attr.Ino);
        Assert.True(other.Lookup("f").Attr.Ino >= Vfs.FirstGeneratedNode);
    }

    [Fact]
    public void A_handle_of_an_earlier_fs_reads_on_with_the_content_of_now() =>
        Assert.Equal("one\n", _mount.Read(_mount.Lookup("f").Node, handle: 99));

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
                _content = new string('x', random.Next(5));
            }
            if (random.Next(3) != 0)
            {
                Entry entry = _mount.Lookup("f");
                // A kernel with writeback cache keeps the size it was told first.
                (ulong Count, ulong Size) known = kernel.GetValueOrDefault(entry.Node, (0u, entry.Attr.Size));
                kernel[entry.Node] = (known.Count + 1, known.Size);
                Assert.Equal((ulong)_content.Length, known.Size);
                ulong handle = _mount.Open(entry.Node, Mount.ReadOnly);
                Assert.Equal(_content, _mount.Read(entry.Node, handle));
                _mount.Close(entry.Node, handle);
            }
            else if (kernel.Count != 0)
            {
                ulong node = kernel.Keys.ElementAt(random.Next(kernel.Count));
                _mount.Table.Forget(node, kernel[node].Count);
                kernel.Remove(node);
            }
        }
        foreach ((ulong node, (ulong count, _)) in kernel)
        {
            _mount.Table.Forget(node, count);
        }
        Assert.InRange(_file.Aliases.Count, 1, 2);
        Assert.Equal(0, _mount.Table.OpenGeneratedFiles);
    }

    private Errno Set(ulong node, SetAttr set) => _mount.Table.SetAttr(new FakeRequest(), node, set, out _, out _);
}
