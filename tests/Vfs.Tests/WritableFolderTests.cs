using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class WritableFolderTests
{
    private const int Exclusive = 0x80;

    private readonly ErrorLog errors = new();
    private readonly OpenFolder one, two;
    private readonly Mount mount;

    public WritableFolderTests()
    {
        (one, two) = (new(errors), new(errors));
        mount = new(new GeneratedFolder().Add("one", one).Add("two", two).Add("plain", new GeneratedFolder()));
    }

    private ulong One => mount.Lookup("one").Node;

    [Fact]
    public void A_new_file_is_listed_at_once_and_saved_when_it_is_closed()
    {
        (ulong node, ulong handle) = Create(One, "a");
        Assert.Equal([".", "..", "a"], mount.List(One));
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "x\n"));
        Assert.Empty(one.Saved);
        Assert.Equal(Errno.Ok, mount.Close(node, handle));
        Assert.Equal(["a=x\n"], one.Saved);
        Assert.Equal("x\n", mount.Cat("one/a"));
    }

    [Fact]
    public void A_new_file_into_which_nothing_is_written_is_saved_by_the_last_close()
    {
        (ulong node, ulong handle) = Create(One, "a");
        mount.Close(node, handle);
        Assert.Equal(["a="], one.Saved);
    }

    [Fact]
    public void What_no_line_mends_is_refused_in_write_and_the_file_goes_with_its_last_writer()
    {
        (ulong node, ulong handle) = Create(One, "a");
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "x\nba"));
        Assert.Equal(Errno.EINVAL, mount.Write(node, handle, "d\n", 4));
        Assert.Equal(Errno.EINVAL, mount.Write(node, handle, "x\n", 6));
        Assert.Equal(Errno.EINVAL, mount.Close(node, handle));
        Assert.Equal([".", ".."], mount.List(One));
        Assert.Equal(1, errors.Total);
    }

    [Fact]
    public void A_long_text_in_short_lines_is_looked_at_as_a_whole_in_the_end()
    {
        (ulong node, ulong handle) = Create(One, "a");
        string line = new string('x', 99) + "\n";
        for (ulong i = 0; i < 1000; i++)
        {
            Assert.Equal(Errno.Ok, mount.Write(node, handle, line, i * 100));
        }
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "bad\n", 100_000));
        Assert.Equal(Errno.EINVAL, mount.Close(node, handle));
        Assert.Empty(one.Saved);
    }

    [Fact]
    public void Making_a_file_that_is_there_opens_it_unless_exclusively()
    {
        Save("a", "x\n");
        Assert.Equal(Errno.EEXIST, mount.Table.Create(new FakeRequest(), One, "a"u8, 0x1A4, Mount.WriteOnly | Exclusive, out _, out _));
        (ulong node, ulong handle) = Create(One, "a", Mount.ReadWrite);
        Assert.Equal("x\n", mount.Read(node, handle));
        Assert.Equal(Errno.EINVAL, mount.Table.Create(new FakeRequest(), One, "no"u8, 0x1A4, Mount.WriteOnly, out _, out _));
        Assert.Equal(Errno.EPERM, mount.Table.Create(new FakeRequest(), mount.Lookup("plain").Node, "a"u8, 0x1A4, Mount.WriteOnly, out _, out _));
        Assert.Equal(Errno.EPERM, mount.Table.MkDir(new FakeRequest(), One, "d"u8, 0x1ED, out _));
    }

    [Fact]
    public void Renaming_keeps_the_number_and_replaces_what_was_there_whose_readers_go_on()
    {
        Save("a", "1\n");
        Save("b", "2\n");
        Entry a = mount.Lookup("one/a"), b = mount.Lookup("one/b");
        ulong reader = mount.Open(b.Node, Mount.ReadOnly);
        Assert.Equal(Errno.EEXIST, Rename(One, "a", One, "b", 1));
        Assert.Equal(Errno.EINVAL, Rename(One, "a", One, "b", 2));
        Assert.Equal(Errno.Ok, Rename(One, "a", One, "b"));
        Assert.Equal([".", "..", "b"], mount.List(One));
        Assert.Equal(a.Attr.Ino, mount.Lookup("one/b").Attr.Ino);
        Assert.Equal("1\n", mount.Cat("one/b"));
        Assert.Equal("2\n", mount.Read(b.Node, reader));
        Assert.Equal(Errno.Ok, mount.Table.GetAttr(new FakeRequest(), b.Node, 0, out Attr old, out _));
        Assert.Equal(2u, old.Size);
        Save("a", "3\n");
        Assert.NotEqual(a.Attr.Ino, mount.Lookup("one/a").Attr.Ino);
        Assert.Equal(("3\n", "1\n"), (mount.Cat("one/a"), mount.Cat("one/b")));
    }

    [Fact]
    public void Renaming_to_another_folder_takes_the_writer_along()
    {
        (ulong node, ulong handle) = Create(One, "a");
        Assert.Equal(Errno.Ok, Rename(One, "a", mount.Lookup("two").Node, "c"));
        Assert.Equal(Errno.EXDEV, Rename(mount.Lookup("two").Node, "c", mount.Lookup("plain").Node, "c"));
        Assert.Equal(Errno.ENOENT, Rename(One, "a", One, "b"));
        mount.Write(node, handle, "x\n");
        mount.Close(node, handle);
        Assert.Equal(["c=x\n"], two.Saved);
        Assert.Empty(one.Saved);
        Assert.Equal([".", ".."], mount.List(One));
    }

    [Fact]
    public void What_loses_its_name_is_there_until_the_kernel_forgets_it_and_saves_nothing()
    {
        (ulong node, ulong handle) = Create(One, "a");
        mount.Write(node, handle, "x\n");
        Assert.Equal(Errno.Ok, mount.Table.Unlink(new FakeRequest(), One, "a"u8));
        Assert.Equal(Errno.Ok, mount.Table.GetAttr(new FakeRequest(), node, handle, out _, out _));
        Assert.Equal(Errno.Ok, mount.Close(node, handle));
        Assert.Empty(one.Saved);
        mount.Table.Forget(node, 1);
        Assert.Equal(Errno.ENOENT, mount.Table.GetAttr(new FakeRequest(), node, 0, out _, out _));
    }

    [Fact]
    public void What_is_revoked_is_empty_and_saves_nothing()
    {
        Save("a", "secret\n");
        ulong node = mount.Lookup("one/a").Node, handle = mount.Open(node, Mount.WriteOnly);
        mount.Write(node, handle, "new\n");
        one.Empty();
        one.Shut = Errno.ENOKEY;
        Assert.Equal(Errno.ENOKEY, mount.Close(node, handle));
        Assert.Equal(Errno.Ok, mount.Table.GetAttr(new FakeRequest(), node, 0, out Attr attr, out _));
        Assert.Equal(0u, attr.Size);
        Assert.Equal(Errno.ENOKEY, mount.TryLookup(One, "a"));
        Assert.Equal(Errno.ENOKEY, mount.Table.ReadDir(new FakeRequest(), One, 0, new ListSink(9)));
        Assert.Equal(Errno.ENOKEY, mount.Table.Create(new FakeRequest(), One, "b"u8, 0x1A4, Mount.WriteOnly, out _, out _));
        Assert.Equal(Errno.ENOKEY, mount.Table.Unlink(new FakeRequest(), One, "a"u8));
        Assert.Equal(Errno.ENOKEY, Rename(One, "a", One, "b"));
        Assert.Equal(["a=secret\n"], one.Saved);
    }

    [Fact]
    public void Modes_are_taken_and_ignored_owners_are_not_taken()
    {
        Save("a", "x\n");
        ulong node = mount.Lookup("one/a").Node;
        Assert.Equal(Errno.Ok, mount.Table.SetAttr(new FakeRequest(), node, new SetAttr { Fields = SetAttrFields.Mode, Mode = 0x8180 }, out Attr attr, out _));
        Assert.Equal(0x81A4u, attr.Mode);
        Assert.Equal(Errno.EPERM, mount.Table.SetAttr(new FakeRequest(), node, new SetAttr { Fields = SetAttrFields.Uid, Uid = 77 }, out _, out _));
    }

    [Fact]
    public void The_mtime_moves_with_the_content_only()
    {
        Save("a", "x\n");
        Timestamp first = mount.Lookup("one/a").Attr.Mtime;
        Save("a", "x\n");
        Assert.Equal(first, mount.Lookup("one/a").Attr.Mtime);
        Save("a", "y\n");
        Assert.True(mount.Lookup("one/a").Attr.Mtime.CompareTo(first) > 0);
    }

    [Fact]
    public void Closing_what_an_earlier_fs_was_to_save_fails()
    {
        (ulong node, ulong handle) = Create(One, "a");
        Mount successor = new(new GeneratedFolder().Add("one", new OpenFolder(errors)));
        Assert.Equal(Errno.EBADF, successor.Write(node, handle, "x\n"));
        Assert.Equal(Errno.EBADF, successor.Table.Flush(new FakeRequest(), node, handle));
    }

    private (ulong Node, ulong Handle) Create(ulong parent, string name, int flags = Mount.WriteOnly)
    {
        Assert.Equal(Errno.Ok, mount.Table.Create(new FakeRequest(), parent, Encoding.UTF8.GetBytes(name), 0x1A4, flags, out Entry entry, out OpenReply reply));
        return (entry.Node, reply.Handle);
    }

    private void Save(string name, string text)
    {
        (ulong node, ulong handle) = Create(One, name, Mount.WriteOnly | Mount.Truncate);
        mount.Write(node, handle, text);
        Assert.Equal(Errno.Ok, mount.Close(node, handle));
    }

    private Errno Rename(ulong parent, string name, ulong to, string newName, uint flags = 0) =>
        mount.Table.Rename(new FakeRequest(), parent, Encoding.UTF8.GetBytes(name), to, Encoding.UTF8.GetBytes(newName), flags);
}
