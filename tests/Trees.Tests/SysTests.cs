using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees.Tests;

public sealed class SysTests
{
    private readonly FakeFacts facts = new();
    private readonly ErrorLog errors = new();
    private readonly ControlService control = new();
    private readonly MountTable table;
    private readonly Caller caller;

    public SysTests()
    {
        table = new(new GeneratedFolder().Add("README", Readme.Build("/claw")).Add("sys", SysFolder.Build(facts, errors, control)), new LockedTree(), 1000, 1000);
        caller = new(table);
    }

    [Fact]
    public void Health_is_ok_or_names_every_reason()
    {
        Assert.Equal("ok\n", caller.Cat("sys/health"));
        facts.Reasons.AddRange(["unanchored: no anchor in the state folder", "key memory is not\nlocked"]);
        const string expected = "degraded\nunanchored: no anchor in the state folder\nkey memory is not locked\n";
        Assert.True(SpinWait.SpinUntil(() => caller.Cat("sys/health") == expected, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void The_numbers_of_the_store_are_one_a_file()
    {
        Assert.Equal("1.2.3\n", caller.Cat("sys/version"));
        Assert.InRange(int.Parse(caller.Cat("sys/uptime")), 100, 200);
        Assert.Equal("500\n", caller.Cat("sys/fs/used"));
        Assert.Equal("7\n", caller.Cat("sys/fs/objects"));
        Assert.Equal("1024\n", caller.Cat("sys/fs/quota"));
        Assert.Contains("inodes 5\n", caller.Cat("sys/fs/cache"));
    }

    [Fact]
    public void While_the_store_is_locked_sys_answers_and_says_so()
    {
        facts.IsLocked = true;
        Assert.Equal("locked\n", caller.Cat("sys/fs/used"));
        Assert.Equal("locked\n", caller.Cat("sys/fs/quota"));
        Assert.Contains("claw_store_locked 1\n", caller.Cat("sys/metrics"));
    }

    [Theory]
    [InlineData("10G", 10UL << 30, "10737418240\n")]
    [InlineData(" 512 ", 512UL, "512\n")]
    [InlineData("3t", 3UL << 40, "3298534883328\n")]
    [InlineData("none", 0UL, "none\n")]
    public void Quota_takes_sizes_as_people_write_them(string text, ulong bytes, string shown)
    {
        Assert.Equal(Errno.Ok, caller.Echo(text, "sys/fs/quota"));
        Assert.Equal(bytes, facts.Quota);
        Assert.Equal(shown, caller.Cat("sys/fs/quota"));
    }

    [Theory]
    [InlineData("lots", 0)]
    [InlineData("10X", 2)]
    [InlineData("-1", 0)]
    [InlineData("99999999999T", 11)]
    [InlineData("13", 0)]
    public void A_quota_that_makes_no_sense_is_refused_with_the_reason_in_errors(string text, int caret)
    {
        Assert.Equal(Errno.EINVAL, caller.Echo(text, "sys/fs/quota"));
        Assert.Equal(1024u, facts.Quota);
        string[] lines = caller.Cat("sys/errors").Split('\n');
        Assert.Contains("sys/fs/quota (pid 42)", lines[0]);
        Assert.Equal($"  Command: {text}", lines[1]);
        Assert.Equal(new string(' ', 11 + caret) + "^", lines[2]);
    }

    [Fact]
    public void Metrics_are_valid_prometheus_text()
    {
        facts.Extra.Add(new Metric("claw_fuse_requests_total", "Requests\nby kind.", MetricKind.Counter,
            new Sample(3, ("op", "read")), new Sample(1.5, ("op", "a\"b\\c"))));
        string text = caller.Cat("sys/metrics");
        Assert.Contains("# HELP claw_fuse_requests_total Requests\\nby kind.\n# TYPE claw_fuse_requests_total counter\n", text);
        Assert.Contains("claw_fuse_requests_total{op=\"read\"} 3\n", text);
        Assert.Contains("claw_fuse_requests_total{op=\"a\\\"b\\\\c\"} 1.5\n", text);
        Assert.Contains("claw_info{version=\"1.2.3\"} 1\n", text);
        HashSet<string> typed = [];
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.True(typed.Add(line.Split(' ')[2]), line);
            }
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                Assert.Matches("^[a-z_]+(\\{[a-z]+=\".*\"\\})? [0-9.eE+-]+$", line);
                Assert.Contains(line.Split('{', ' ')[0], typed);
            }
        }
    }

    [Fact]
    public void Ctl_answers_json_with_progress_and_errors_with_codes()
    {
        control.Add("count", "Count.", static (request, call) =>
        {
            call.Progress("half");
            return Task.FromResult(new JsonObject { ["sum"] = (int)request["to"]! + 1, ["uid"] = call.Uid });
        });
        control.Add("refuse", "Refuse.", static (_, _) => throw new ControlException(4, "in use"));
        control.Add("break", "Break.", static async (_, _) => { await Task.Yield(); throw new NotSupportedException("a bug"); });
        Assert.Equal("{\"progress\":\"half\"}\n{\"sum\":42,\"uid\":1000}\n", caller.Ask("sys/ctl", "{\"command\":\"count\",\"to\":41}"));
        Assert.Equal("{\"error\":\"in use\",\"code\":4}\n", caller.Ask("sys/ctl", "{\"command\":\"refuse\"}"));
        Assert.Equal("{\"error\":\"a bug\",\"code\":1}\n", caller.Ask("sys/ctl", "{\"command\":\"break\"}"));
        Assert.Contains("unknown command 'x'", caller.Ask("sys/ctl", "{\"command\":\"x\"}"));
        Assert.Contains("one JSON object", caller.Ask("sys/ctl", "[1]"));
        Assert.Contains("one JSON object", caller.Ask("sys/ctl", "{nonsense"));
        Assert.Contains("\"count\":\"Count.\"", caller.Ask("sys/ctl", "{\"command\":\"help\"}"));
    }

    [Fact]
    public async Task Closing_ctl_asks_a_running_command_to_stop()
    {
        TaskCompletionSource started = new(), stopped = new();
        control.Add("long", "Take long.", async (_, call) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, call.Abandoned).ContinueWith(_ => stopped.SetResult(), TaskScheduler.Default);
            return [];
        });
        ulong node = caller.Find("sys/ctl");
        ulong handle = caller.Open(node, 2);
        table.Write(new Caller.Asked(), node, handle, 0, "{\"command\":\"long\"}\n"u8, false, false, out _);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        table.Release(new Caller.Asked(), node, handle, 0);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Ctl_and_echo_are_for_the_owner_only()
    {
        foreach (string name in (string[])["sys/ctl", "sys/echo"])
        {
            table.GetAttr(new Caller.Asked(), caller.Find(name), 0, out Attr attr, out _);
            Assert.Equal((Vfs.FileMode.Regular | 0x180, 1000u), (attr.Mode, attr.Uid));
        }
    }

    [Fact]
    public void A_thousand_echoes_wait_while_the_service_is_stopped_and_the_tree_goes_on()
    {
        Assert.Equal("hi\n", caller.Ask("sys/echo", "hi"));
        Assert.Equal("!stop\n", caller.Ask("sys/echo", "!stop"));
        ulong node = caller.Find("sys/echo");
        List<Caller.Asked> pending = [];
        for (int i = 0; i < 1000; i++)
        {
            ulong handle = caller.Open(node, 2);
            table.Write(new Caller.Asked(), node, handle, 0, Encoding.UTF8.GetBytes($"n{i}\n"), false, false, out _);
            Caller.Asked read = new();
            Assert.Equal(Vfs.Vfs.Parked, table.Read(read, node, handle, 0, new byte[100], out _));
            pending.Add(read);
        }
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal("ok\n", caller.Cat("sys/health"));
        Assert.StartsWith("This is ClawOS.", caller.Cat("README"));
        Assert.True(watch.ElapsedMilliseconds < 1000);
        Assert.All(pending, static read => Assert.False(read.IsAnswered));
        Assert.Equal("!go\n", caller.Ask("sys/echo", "!go"));
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal($"n{i}\n", pending[i].Wait());
        }
    }

    [Fact]
    public void A_client_that_closes_at_a_stopped_service_is_forgotten()
    {
        EchoService echo = new();
        table.Root.Add("echo", new Channel(echo));
        caller.Ask("echo", "!stop");
        ulong node = caller.Find("echo");
        ulong handle = caller.Open(node, 2);
        table.Write(new Caller.Asked(), node, handle, 0, "x\n"u8, false, false, out _);
        Assert.Equal(1, echo.Waiting);
        table.Release(new Caller.Asked(), node, handle, 0);
        Assert.Equal(0, echo.Waiting);
    }

    [Fact]
    public void Readme_names_the_mount_and_quotes_it_where_a_shell_needs_it()
    {
        Assert.Contains("  cd /claw\n", caller.Cat("README"));
        table.Root.Add("R2", Readme.Build("/mnt/my claw"));
        Assert.Contains("  cd '/mnt/my claw'\n", caller.Cat("R2"));
        Assert.Contains("echo '{\"command\":\"help\"}' >&3", caller.Cat("README"));
    }

    [Fact]
    public void Every_file_of_sys_has_its_exact_size_and_ends_with_a_newline()
    {
        foreach (string name in (string[])["health", "version", "uptime", "metrics", "fs/used", "fs/quota", "fs/objects", "fs/cache", "errors"])
        {
            Assert.Equal(Errno.Ok, table.GetAttr(new Caller.Asked(), caller.Find("sys/" + name), 0, out Attr attr, out _));
            string text = caller.Cat("sys/" + name);
            Assert.Equal((ulong)Encoding.UTF8.GetByteCount(text), attr.Size);
            Assert.True(text.Length == 0 || text[^1] == '\n', name);
        }
    }
}
