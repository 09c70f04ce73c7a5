using System.Text;
using System.Text.Json;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Trees.Tests;

public sealed class EventLogTests : IDisposable
{
    private static readonly Dictionary<ulong, byte[]> Paths = new()
    {
        [2] = "memory"u8.ToArray(),
        [10] = "memory/note"u8.ToArray(),
        [11] = [.. "memory/"u8, 0xFF],
    };

    private readonly MemoryEventLog storage = new();
    private readonly EventBus bus = new();
    private readonly EventLog log;
    private readonly MountTable table;
    private readonly Caller caller;

    public EventLogTests()
    {
        log = new(bus, storage, Resolve, maxBytes: 2000, comm: static pid => pid == 42 ? "vim" : null);
        table = new(new GeneratedFolder().Add("events", log.Current).Add("events.1", log.Archive), new LockedTree(), 1000, 1000);
        caller = new(table);
    }

    public void Dispose()
    {
        log.Dispose();
        bus.Dispose();
    }

    [Fact]
    public void Each_kind_of_event_is_one_line_of_json_that_its_maker_sees_at_once()
    {
        Timestamp time = new(1_700_000_000, 123_456_000);
        bus.Publish(new FsEvent { Kind = FsEventKind.Create, Time = time, Node = 10, Parent = 2, Name = "note"u8.ToArray(), Uid = 1000, Pid = 42 });
        Assert.Equal("{\"time\":\"2023-11-14T22:13:20.123456Z\",\"event\":\"create\",\"path\":\"memory/note\",\"pid\":42,\"uid\":1000,\"comm\":\"vim\",\"ino\":10}\n", caller.Cat("events"));
        bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 7 });
        bus.Publish(new FsEvent { Kind = FsEventKind.Rename, Node = 10, Parent = 2, Name = "b"u8.ToArray(), OldParent = 2, OldName = "a"u8.ToArray(), Pid = 7 });
        bus.Publish(new FsEvent { Kind = FsEventKind.Remove, Node = 99, Parent = 2, Name = "gone"u8.ToArray(), Pid = 7, IsDirectory = true });
        bus.Publish(new FsEvent { Kind = FsEventKind.Attributes, Node = 99, Pid = 7 });
        List<JsonElement> lines = Lines(caller.Cat("events"));
        Assert.Equal(["create", "write-closed", "rename", "remove", "attributes"], lines.Select(static line => line.GetProperty("event").GetString()));
        Assert.Equal("memory/note", lines[1].GetProperty("path").GetString());
        Assert.False(lines[1].TryGetProperty("comm", out _));
        Assert.Equal("memory/b", lines[2].GetProperty("path").GetString());
        Assert.Equal("memory/a", lines[2].GetProperty("old_path").GetString());
        Assert.Equal("memory/gone", lines[3].GetProperty("path").GetString());
        Assert.True(lines[3].GetProperty("folder").GetBoolean());
        Assert.False(lines[4].TryGetProperty("path", out _));
        Assert.Equal(99u, lines[4].GetProperty("ino").GetUInt64());
    }

    [Fact]
    public void Damage_that_fs_finds_by_itself_is_told_with_its_reason_and_where_it_is_known_with_its_path()
    {
        bus.Publish(new FsEvent { Kind = FsEventKind.Damage, Node = 10, Name = "inode 10: bytes 0 to 4095"u8.ToArray() });
        bus.Publish(new FsEvent { Kind = FsEventKind.Damage, Name = "row 7 is stale"u8.ToArray() });
        List<JsonElement> lines = Lines(caller.Cat("events"));
        Assert.Equal(["damage", "damage"], lines.Select(static line => line.GetProperty("event").GetString()));
        Assert.Equal("memory/note", lines[0].GetProperty("path").GetString());
        Assert.Equal("inode 10: bytes 0 to 4095", lines[0].GetProperty("reason").GetString());
        Assert.False(lines[1].TryGetProperty("path", out _));
        Assert.Equal("row 7 is stale", lines[1].GetProperty("reason").GetString());
    }

    [Fact]
    public void An_approval_is_told_by_its_name_which_may_be_gone_and_what_has_become_of_it()
    {
        bus.Publish(new FsEvent { Kind = FsEventKind.Approval, Parent = 2, Name = "k3vq7xza"u8.ToArray(), Outcome = "asked" });
        bus.Publish(new FsEvent { Kind = FsEventKind.Approval, Parent = 2, Name = "k3vq7xza"u8.ToArray(), Outcome = "yes", Uid = 1000, Pid = 42 });
        List<JsonElement> lines = Lines(caller.Cat("events"));
        Assert.Equal(["approval", "approval"], lines.Select(static line => line.GetProperty("event").GetString()));
        Assert.All(lines, static line => Assert.Equal("memory/k3vq7xza", line.GetProperty("path").GetString()));
        Assert.Equal(["asked", "yes"], lines.Select(static line => line.GetProperty("outcome").GetString()));
        Assert.Equal("vim", lines[1].GetProperty("comm").GetString());
        Assert.False(lines[1].TryGetProperty("ino", out _));
    }

    [Fact]
    public void A_hit_of_a_standing_query_names_the_file_the_query_and_its_score()
    {
        bus.Publish(new FsEvent { Kind = FsEventKind.Hit, Node = 10, Name = "Schlüssel"u8.ToArray(), Score = 1.23456 });
        JsonElement line = Assert.Single(Lines(caller.Cat("events")));
        Assert.Equal("hit", line.GetProperty("event").GetString());
        Assert.Equal("memory/note", line.GetProperty("path").GetString());
        Assert.Equal("Schlüssel", line.GetProperty("query").GetString());
        Assert.Equal(1.2346, line.GetProperty("score").GetDouble());
    }

    [Theory]
    [InlineData("events")]
    [InlineData("events.1")]
    public void Only_the_owner_reads_events_since_they_name_files_in_folders_that_others_may_not_list(string name)
    {
        Assert.Equal(Errno.Ok, table.GetAttr(new Caller.Asked(), caller.Find(name), 0, out Attr attr, out _));
        Assert.Equal((0x8100u, 1000u), (attr.Mode, attr.Uid));
    }

    [Fact]
    public void Names_with_newlines_quotes_and_invalid_utf8_stay_one_valid_line()
    {
        bus.Publish(new FsEvent { Kind = FsEventKind.Create, Node = 3, Parent = 2, Name = "a\n\"b\\é"u8.ToArray(), Pid = 7 });
        bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 11, Pid = 7 });
        List<JsonElement> lines = Lines(caller.Cat("events"));
        Assert.Equal("memory/a\n\"b\\é", lines[0].GetProperty("path").GetString());
        Assert.Equal("6d656d6f72792fff", lines[1].GetProperty("path_hex").GetString());
    }

    [Fact]
    public void Acts_of_fs_itself_on_files_without_a_path_are_no_events()
    {
        bus.Publish(new FsEvent { Kind = FsEventKind.Create, Node = 500, Parent = 400, Name = "hidden"u8.ToArray(), Pid = 0 });
        bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 0 });
        Assert.Equal(10u, Assert.Single(Lines(caller.Cat("events"))).GetProperty("ino").GetUInt64());
    }

    [Fact]
    public void Events_are_stored_soon_without_anybody_looking_and_many_at_once()
    {
        for (int i = 0; i < 8; i++)
        {
            bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 7 });
        }
        Assert.True(SpinWait.SpinUntil(() => Lines(storage.Text).Count == 8, TimeSpan.FromSeconds(20)));
        Assert.InRange(storage.Appends, 1, 3);
    }

    [Fact]
    public void At_its_limit_the_file_is_rotated_and_no_line_is_cut()
    {
        for (int i = 0; i < 40; i++)
        {
            bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 7 });
            caller.Cat("events");
        }
        Assert.InRange(storage.Text.Length, 1, 2000);
        Assert.InRange(storage.ArchiveText.Length, 1800, 2000);
        Assert.Equal(storage.ArchiveText, caller.Cat("events.1"));
        Assert.All(Lines(storage.ArchiveText + storage.Text), static line => Assert.Equal("write-closed", line.GetProperty("event").GetString()));
    }

    [Fact]
    public void A_part_that_is_damaged_goes_aside_and_the_next_lines_begin_a_new_one()
    {
        bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 7 });
        string before = caller.Cat("events");
        storage.IsDamaged = true;
        bus.Publish(new FsEvent { Kind = FsEventKind.Create, Node = 10, Pid = 7 });
        Assert.Equal("create", Assert.Single(Lines(caller.Cat("events"))).GetProperty("event").GetString());
        Assert.Equal(before, caller.Cat("events.1"));
        Assert.Equal(0, log.Lost);
    }

    [Fact]
    public void What_the_store_refuses_is_told_as_lost_when_it_takes_lines_again()
    {
        storage.Refuses = true;
        for (int i = 0; i < 3; i++)
        {
            bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 7 });
            Assert.Equal("", caller.Cat("events"));
        }
        storage.Refuses = false;
        bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 7 });
        List<JsonElement> lines = Lines(caller.Cat("events"));
        Assert.Equal(3, log.Lost);
        Assert.Equal(["lost", "write-closed"], lines.Select(static line => line.GetProperty("event").GetString()).Order());
        Assert.Equal(3, lines.Single(static line => line.TryGetProperty("count", out _)).GetProperty("count").GetInt32());
    }

    [Fact]
    public void The_size_is_that_of_the_moment_and_the_file_is_read_only()
    {
        ulong node = caller.Find("events");
        bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 7 });
        table.GetAttr(new Caller.Asked(), node, 0, out Attr attr, out uint seconds);
        Assert.Equal(((ulong)storage.Text.Length, 0u), (attr.Size, seconds));
        Assert.True(attr.Size > 0);
        Assert.Equal(Errno.EACCES, table.Open(new Caller.Asked(), node, 1, false, out _));
    }

    [Fact]
    public void A_store_that_is_locked_meanwhile_costs_the_path_and_not_the_line()
    {
        bus.Publish(new FsEvent { Kind = FsEventKind.Remove, Node = 10, Parent = 13, Name = "x"u8.ToArray(), Pid = 7 });
        Assert.False(Assert.Single(Lines(caller.Cat("events"))).TryGetProperty("path", out _));
    }

    [Fact]
    public void Disposing_stores_what_was_published_before()
    {
        for (int i = 0; i < 5; i++)
        {
            bus.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Node = 10, Pid = 7 });
        }
        log.Dispose();
        Assert.Equal(5, Lines(storage.Text).Count);
    }

    [Fact]
    public void Comm_is_asked_for_once_a_second_and_program()
    {
        int asked = 0;
        CommCache cache = new(_ => { asked++; return "x"; });
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal("x", cache.Of(5));
        }
        Assert.InRange(asked, 1, 2);
        Assert.Null(cache.Of(0));
        Assert.NotNull(new CommCache().Of(ProcessIdentity.ThreadId));
    }

    private static bool Resolve(ulong node, out byte[] path) =>
        node == 13 ? throw new StoreException(Errno.ENOKEY, "locked") : Paths.TryGetValue(node, out path!) || Empty(out path);

    private static bool Empty(out byte[] path)
    {
        path = [];
        return false;
    }

    private static List<JsonElement> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
}
