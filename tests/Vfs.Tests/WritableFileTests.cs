using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class WritableFileTests
{
    private readonly ErrorLog errors = new();
    private readonly Settings file;
    private readonly Mount mount;

    public WritableFileTests()
    {
        file = new(errors);
        mount = new(new GeneratedFolder().Add("settings", file));
    }

    private ulong Node => mount.Lookup("settings").Node;

    [Fact]
    public void Writing_and_closing_commits_and_a_new_lookup_sees_it()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "a=2\n"));
        Assert.Equal("a=1\n", mount.Cat("settings"));
        Assert.Equal(Errno.Ok, mount.Close(node, handle));
        Assert.Equal("a=2\n", mount.Cat("settings"));
        Assert.NotEqual(node, Node);
    }

    [Fact]
    public void The_close_of_a_duplicated_descriptor_before_the_write_commits_nothing()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        Assert.Equal(Errno.Ok, mount.Table.Flush(new FakeRequest(), node, handle));
        Assert.Equal("a=1\n", mount.Cat("settings"));
        mount.Write(node, handle, "a=3\n");
        mount.Close(node, handle);
        Assert.Equal("a=3\n", mount.Cat("settings"));
        Assert.Equal(1, file.Commits);
    }

    [Fact]
    public void A_truncation_without_a_write_is_committed_at_the_last_close()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        mount.Close(node, handle);
        Assert.Equal("", mount.Cat("settings"));
    }

    [Fact]
    public void A_bad_line_fails_in_write_and_poisons_the_descriptor()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "a=5\n", 0));
        Assert.Equal(Errno.EINVAL, mount.Write(node, handle, "bad\n", 4));
        Assert.Equal(Errno.EINVAL, mount.Write(node, handle, "c=5\n", 4));
        Assert.Equal(Errno.EINVAL, mount.Close(node, handle));
        Assert.Equal("a=1\n", mount.Cat("settings"));
        Assert.Equal(0, file.Commits);
        Assert.Matches(@"^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] settings \(pid 4321\): no '='\n  Command: bad\n              \^\n$", errors.Render());
    }

    [Fact]
    public void A_line_is_judged_only_when_its_newline_is_there()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "long", 0));
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "name=", 4));
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "1\n", 9));
        Assert.Equal(Errno.Ok, mount.Close(node, handle));
        Assert.Equal("longname=1\n", mount.Cat("settings"));
    }

    [Fact]
    public void What_only_the_whole_can_tell_fails_at_close_and_a_later_write_may_mend_it()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        mount.Write(node, handle, "begin=1\n", 0);
        Assert.Equal(Errno.EINVAL, mount.Table.Flush(new FakeRequest(), node, handle));
        mount.Write(node, handle, "end=1\n", 8);
        Assert.Equal(Errno.Ok, mount.Close(node, handle));
        Assert.Equal("begin=1\nend=1\n", mount.Cat("settings"));
    }

    [Fact]
    public void Appending_ignores_the_offset_and_keeps_what_is_there()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Append);
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "b=2\n", 0));
        Assert.Equal(Errno.EINVAL, mount.Write(node, handle, "nonsense\n", 0));
        mount.Close(node, handle);
        Assert.Equal("a=1\n", mount.Cat("settings"));
        handle = mount.Open(node, Mount.WriteOnly | Mount.Append);
        mount.Write(node, handle, "b=2\n", 0);
        Assert.Equal(Errno.Ok, mount.Close(node, handle));
        Assert.Equal("a=1\nb=2\n", mount.Cat("settings"));
    }

    [Fact]
    public void Overwriting_in_place_out_of_order_is_checked_at_close()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.ReadWrite);
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "\n", 3));
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "zz", 0));
        Assert.Equal("zz1\n", mount.Read(node, handle));
        Assert.Equal(Errno.EINVAL, mount.Close(node, handle));
        Assert.Equal("a=1\n", mount.Cat("settings"));
    }

    [Fact]
    public void Too_much_is_efbig_and_nothing_is_committed()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        Assert.Equal(Errno.EFBIG, mount.Write(node, handle, "a=1\n", ulong.MaxValue - 2));
        Assert.Equal(Errno.EFBIG, mount.Write(node, handle, "a=1\n", 0));
        Assert.Equal(Errno.EFBIG, mount.Close(node, handle));
        Assert.Equal(0, file.Commits);
    }

    [Fact]
    public void Truncate_by_path_and_by_descriptor_are_staged_and_committed()
    {
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly);
        SetAttr set = new() { Fields = SetAttrFields.Size | SetAttrFields.Handle, Handle = handle };
        Assert.Equal(Errno.Ok, mount.Table.SetAttr(new FakeRequest(), node, set, out Attr attr, out _));
        Assert.Equal(0u, attr.Size);
        Assert.Equal("a=1\n", mount.Cat("settings"));
        mount.Write(node, handle, "c=1\n");
        mount.Close(node, handle);
        Assert.Equal("c=1\n", mount.Cat("settings"));
        set = new() { Fields = SetAttrFields.Size, Size = 0 };
        Assert.Equal(Errno.Ok, mount.Table.SetAttr(new FakeRequest(), Node, set, out _, out _));
        Assert.Equal("", mount.Cat("settings"));
    }

    [Fact]
    public void Times_are_taken_and_ignored_and_the_next_lookup_shows_the_true_one()
    {
        Entry before = mount.Lookup("settings");
        SetAttr set = new() { Fields = SetAttrFields.Mtime, Mtime = new Timestamp(1, 0) };
        Assert.Equal(Errno.Ok, mount.Table.SetAttr(new FakeRequest(), before.Node, set, out _, out _));
        Entry after = mount.Lookup("settings");
        Assert.NotEqual(before.Node, after.Node);
        Assert.Equal(before.Attr.Mtime, after.Attr.Mtime);
    }

    [Fact]
    public void Two_writers_do_not_mix_and_the_last_close_wins()
    {
        ulong node = Node;
        ulong first = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        ulong second = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        mount.Write(node, first, "x=1\n");
        mount.Write(node, second, "y=1\n");
        mount.Close(node, first);
        Assert.Equal("x=1\n", mount.Cat("settings"));
        mount.Close(node, second);
        Assert.Equal("y=1\n", mount.Cat("settings"));
    }

    [Fact]
    public void A_commit_is_published_as_one_write()
    {
        List<FsEvent> seen = [];
        mount.Table.Events = new Recorder(seen);
        ulong node = Node;
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        mount.Write(node, handle, "x=1\n");
        mount.Close(node, handle);
        Assert.Equal(FsEventKind.WriteClosed, Assert.Single(seen).Kind);
        Assert.Equal(file.Ino, seen[0].Node);
    }

    [Fact]
    public void The_error_log_keeps_the_last_32_and_shows_no_control_characters()
    {
        for (int i = 0; i < 40; i++)
        {
            errors.Add("f", 0, $"error {i}");
        }
        errors.Add("f\n", 1, new Rejection("no", 1), "a\u001b[2J"u8);
        string text = errors.Render();
        Assert.DoesNotContain("error 8\n", text);
        Assert.Contains("error 9\n", text);
        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("f? (pid 1): no\n  Command: a?[2J\n            ^\n", text);
        Assert.Equal(41, errors.Total);
    }

    private sealed class Recorder(List<FsEvent> seen) : FsEventSink
    {
        public override void Publish(in FsEvent e) => seen.Add(e);
    }

    /// <summary>name=value lines; whoever says begin must say end.</summary>
    private sealed class Settings(ErrorLog errors) : WritableFile(errors, capacity: 1024)
    {
        private byte[] live = "a=1\n"u8.ToArray();

        public int Commits { get; private set; }

        protected override byte[] Render() => live;

        protected internal override Rejection? CheckLine(ReadOnlySpan<byte> line) => line.Contains((byte)'=') ? null : new("no '='", line.Length);

        protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content)
        {
            string text = Encoding.UTF8.GetString(content);
            if (text.Contains("begin", StringComparison.Ordinal) && !text.Contains("end", StringComparison.Ordinal))
            {
                return new("begin without end");
            }
            live = content.ToArray();
            Commits++;
            return null;
        }
    }
}
