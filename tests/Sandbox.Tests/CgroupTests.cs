using System.Globalization;
using ClawOS.Security.Sandbox;
using Microsoft.Win32.SafeHandles;

namespace Sandbox.Tests;

/// <summary>A command in a control group: by an open descriptor, and by the launcher's process id.</summary>
public sealed class CgroupTests
{
    private const string Memory = "/sys/fs/cgroup/memory";

    [Fact]
    public void A_command_enters_the_group_of_an_open_descriptor_and_sees_it_as_the_root()
    {
        using Group group = new();
        using SafeFileHandle file = File.OpenHandle(Path.Combine(group.Path, "cgroup.procs"), FileMode.Open, FileAccess.Write);
        using Box box = new();
        SandboxPlan plan = SandboxPlan.From(box.Policy(), new SandboxRequest { Command = ["cat", "/proc/self/cgroup"], Folder = box.Workspace, Cgroups = [file] });
        Assert.Contains(":memory:/\n", box.Run(plan).Must() + "\n", StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_takes_too_much_memory_is_told_from_one_that_was_killed()
    {
        using Group group = new();
        File.WriteAllText(Path.Combine(group.Path, "memory.limit_in_bytes"), "33554432");
        using Box box = new()
        {
            Watch = new SandboxWatch
            {
                BeforeLaunch = id => File.WriteAllText(Path.Combine(group.Path, "cgroup.procs"), id.ToString(CultureInfo.InvariantCulture)),
                OomKills = group.OomKills,
            },
        };
        Assert.Equal((SandboxEnd.OutOfMemory, 137), box.Run("/usr/bin/python3", "-IS", "-c", "x = bytearray(200 << 20)").Result is var result ? (result.Reason, result.ShellCode) : default);
        Assert.Equal(SandboxEnd.Signalled, box.Run("sh", "-c", "kill -KILL $$").Result.Reason);
    }

    /// <summary>A group of version 1's memory hierarchy.</summary>
    private sealed class Group : IDisposable
    {
        internal Group()
        {
            if (!Environment.IsPrivilegedProcess || !File.Exists($"{Memory}/memory.limit_in_bytes"))
                Assert.Skip("needs root and the memory hierarchy of control groups version 1");
            Path = $"{Memory}/claw-test-{Guid.NewGuid():N}";
            Directory.CreateDirectory(Path);
        }

        internal string Path { get; }

        internal long OomKills() => long.Parse(
            File.ReadLines(System.IO.Path.Combine(Path, "memory.oom_control")).Single(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))["oom_kill ".Length..],
            CultureInfo.InvariantCulture);

        public void Dispose() => Directory.Delete(Path);
    }
}
