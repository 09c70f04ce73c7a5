using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Amending;

namespace Sandbox.Tests;

/// <summary>What a change of policy does to a sandbox that runs.</summary>
public sealed class AmendTests
{
    [Fact]
    public void A_folder_that_is_denied_disappears_and_comes_back() => WithEachUser(box =>
    {
        Write(box, "secret/a", "hidden");
        Write(box, "open", "shown");
        using LiveShell shell = new(box);
        Assert.Equal("hidden", shell.Ask("cat secret/a"));

        PathRule denied = Box.Denied($"{box.Workspace}/secret");
        Clean(shell.Amend(With(box, denied)), (PathChange.Covered, $"{box.Workspace}/secret"));
        Assert.Contains("Permission denied", shell.Ask("cat secret/a"), StringComparison.Ordinal);
        Assert.Equal("shown", shell.Ask("cat open"));
        Assert.Empty(shell.Amend(With(box, denied)).Paths);

        Clean(shell.Amend(box.Policy()), (PathChange.Uncovered, $"{box.Workspace}/secret"));
        Assert.Equal("hidden", shell.Ask("cat secret/a"));
        Clean(shell.Amend(With(box, denied)), (PathChange.Covered, $"{box.Workspace}/secret"));
        Assert.Contains("Permission denied", shell.Ask("cat secret/a"), StringComparison.Ordinal);
    });

    [Fact]
    public void A_file_that_is_denied_cannot_be_opened() => WithEachUser(box =>
    {
        Write(box, "secret", "hidden");
        using LiveShell shell = new(box);
        Clean(shell.Amend(With(box, Box.Denied($"{box.Workspace}/secret", isTree: false))), (PathChange.Covered, $"{box.Workspace}/secret"));
        Assert.Contains("Permission denied", shell.Ask("cat secret"), StringComparison.Ordinal);
        Assert.Contains("busy", shell.Ask("rm secret"), StringComparison.OrdinalIgnoreCase);
        Clean(shell.Amend(box.Policy()), (PathChange.Uncovered, $"{box.Workspace}/secret"));
        Assert.Equal("hidden", shell.Ask("cat secret"));
    });

    /// <summary>Else the folder could be renamed, and another be made with anything under the denied name.</summary>
    [Fact]
    public void The_folders_above_what_is_denied_keep_their_names() => WithEachUser(box =>
    {
        Write(box, "a/b/kept", "as it was");
        File.SetUnixFileMode($"{box.Workspace}/a", (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode($"{box.Workspace}/a/b", (UnixFileMode)0b111_111_111);
        using LiveShell shell = new(box);
        PathRule denied = Box.Denied($"{box.Workspace}/a/b/kept", PathAccess.Write, isTree: false);
        Clean(shell.Amend(With(box, denied)), (PathChange.Restricted, $"{box.Workspace}/a/b/kept"));
        foreach (string move in (string[])["mv a z", "mv a/b a/z"])
            Assert.Contains("busy", shell.Ask(move), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("ok", shell.Ask("echo x > a/b/other && mv a/b/other a/b/third && echo ok"));
        Assert.Empty(shell.Amend(With(box, denied)).Paths);
    });

    /// <summary>They are mounts of their own: what is taken from the folder around them goes and comes there, too.</summary>
    [Fact]
    public void Write_is_taken_from_the_folders_above_what_is_denied_and_given_back() => WithEachUser(box =>
    {
        Write(box, "a/b/kept", "as it was");
        File.SetUnixFileMode($"{box.Workspace}/a", (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode($"{box.Workspace}/a/b", (UnixFileMode)0b111_111_111);
        EffectivePolicy without = ReadOnly(box);
        box.Rules.Add(Box.Denied($"{box.Workspace}/a/b/kept", PathAccess.Write, isTree: false));
        using LiveShell shell = new(box);
        Assert.Contains("busy", shell.Ask("mv a z"), StringComparison.OrdinalIgnoreCase);
        (PathChange, string)[] changes = [(PathChange.Restricted, box.Workspace), (PathChange.Restricted, $"{box.Workspace}/a"), (PathChange.Restricted, $"{box.Workspace}/a/b")];
        Clean(shell.Amend(without), changes);
        Assert.Contains("Read-only file system", shell.Ask("echo x > a/b/new"), StringComparison.Ordinal);
        Clean(shell.Amend(box.Policy()), changes);
        Assert.Equal("ok", shell.Ask("echo x > a/b/new && echo x > a/new && echo x > new && echo ok"));
        Assert.Contains("Read-only file system", shell.Ask("echo x > a/b/kept"), StringComparison.Ordinal);
    });

    [Fact]
    public void A_tree_that_is_no_longer_granted_disappears_for_who_comes_by_its_path_and_is_read_only_for_who_stands_in_it()
    {
        using Box box = new();
        Write(box, "a", "hidden");
        using LiveShell shell = new(box);
        Assert.Equal("ok", shell.Ask("mkdir deep && cd deep && echo x > b && echo ok"));
        EffectivePolicy nothing = Policy(box, box.Rules[0]);
        Clean(shell.Amend(nothing), (PathChange.Covered, box.Workspace));
        Assert.Contains("Permission denied", shell.Ask($"cat {box.Workspace}/a"), StringComparison.Ordinal);

        // The working folder is an open folder: it goes on being read. Who cannot bear that kills the sandbox.
        Assert.Equal("x", shell.Ask("cat b"));
        Assert.Contains("Permission denied", shell.Ask("cat ../a"), StringComparison.Ordinal);
        Assert.Contains("Read-only file system", shell.Ask("echo y > b"), StringComparison.Ordinal);
        Assert.Empty(shell.Amend(nothing).Paths);

        Clean(shell.Amend(box.Policy()), (PathChange.Uncovered, box.Workspace), (PathChange.Restricted, box.Workspace));
        Assert.Equal("ok", shell.Ask($"echo y > b && cat {box.Workspace}/a > /dev/null && echo ok"));
    }

    [Fact]
    public void Write_is_taken_away_and_given_back() => WithEachUser(box =>
    {
        using LiveShell shell = new(box);
        Assert.Equal("ok", shell.Ask("echo x > a && echo ok"));
        Clean(shell.Amend(ReadOnly(box)), (PathChange.Restricted, box.Workspace));
        Assert.Contains("Read-only file system", shell.Ask("echo y > a"), StringComparison.Ordinal);
        Assert.Contains("Read-only file system", shell.Ask($"mkdir {box.Workspace}/new"), StringComparison.Ordinal);
        Assert.Equal("x", shell.Ask("cat a"));
        Assert.Empty(shell.Amend(ReadOnly(box)).Paths);
        Clean(shell.Amend(box.Policy()), (PathChange.Restricted, box.Workspace));
        Assert.Equal("ok", shell.Ask("echo y > a && echo ok"));
    });

    [Fact]
    public void Write_is_taken_away_from_who_opens_and_closes_files_all_the_time_and_stands_in_the_folder()
    {
        using Box box = new();
        using LiveShell shell = new(box);
        Assert.Equal("", shell.Ask("(until [ -e stop ]; do echo x > probe; sleep 0.002; done) > /dev/null 2>&1 &"));
        AmendmentResult result = shell.Amend(ReadOnly(box));
        Clean(result, (PathChange.Restricted, box.Workspace));
        Assert.Contains("Read-only file system", shell.Ask("echo y > here"), StringComparison.Ordinal);
        Write(box, "stop", "");
    }

    [Fact]
    public void Write_is_taken_away_where_a_file_is_open_for_writing_too()
    {
        using Box box = new();
        using LiveShell shell = new(box);
        Assert.Equal("", shell.Ask("exec 9> held"));
        AmendmentResult held = shell.Amend(ReadOnly(box));
        Assert.Equal((PathChange.Restricted, box.Workspace), held.Paths.Select(static path => (path.Change, path.Path)).Single());
        Assert.Empty(held.Failed);
        Assert.StartsWith($"{box.Workspace}: a file there stays open for writing: who has it open, or stands in the folder, goes on as launched", Assert.Single(held.NotUntilNextLaunch), StringComparison.Ordinal);
        Assert.Contains("Read-only file system", shell.Ask($"echo y > {box.Workspace}/a"), StringComparison.Ordinal);
        Assert.Equal("", shell.Ask("echo still >&9"));
        Clean(shell.Amend(box.Policy()), (PathChange.Restricted, box.Workspace));
        Assert.Equal("ok", shell.Ask($"echo y > {box.Workspace}/a && echo ok"));
        Assert.Equal("still", File.ReadAllText($"{box.Workspace}/held").Trim());
    }

    [Fact]
    public void A_cover_stays_when_the_folder_around_it_is_given_back()
    {
        using Box box = new();
        Write(box, "secret/a", "hidden");
        using LiveShell shell = new(box);
        Assert.Equal("", shell.Ask("exec 9> held"));
        PathRule denied = Box.Denied($"{box.Workspace}/secret");
        Assert.Empty(shell.Amend(Policy(box, box.Rules[0], Box.Tree(box.Workspace, PathAccess.Read), denied)).Failed);
        Assert.Empty(shell.Amend(With(box, denied)).Failed);
        Assert.Equal("ok", shell.Ask($"cd {box.Workspace}; echo y > a && echo ok"));
        Assert.Contains("Permission denied", shell.Ask("cat secret/a"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_below_keeps_what_it_may_where_the_one_around_it_becomes_read_only()
    {
        using Box box = new();
        Directory.CreateDirectory($"{box.Workspace}/out");
        using LiveShell shell = new(box);
        AmendmentResult result = shell.Amend(Policy(box, box.Rules[0], Box.Tree(box.Workspace, PathAccess.Read), Box.Tree($"{box.Workspace}/out", PathAccess.Read | PathAccess.Write)));
        Clean(result, (PathChange.Restricted, box.Workspace));
        Assert.Contains("Read-only file system", shell.Ask("echo y > a"), StringComparison.Ordinal);
        Assert.Equal("ok", shell.Ask("echo y > out/a && echo ok"));
    }

    [Fact]
    public void Execute_is_taken_away_and_given_back()
    {
        using Box box = new();
        box.Rules.Add(Box.Tree($"{box.Workspace}/bin", PathAccess.All));
        Write(box, "bin/p", "#!/bin/sh\necho ran\n");
        File.SetUnixFileMode($"{box.Workspace}/bin/p", (UnixFileMode)0b111_101_101);
        using LiveShell shell = new(box);
        Assert.Equal("ran", shell.Ask("bin/p"));
        EffectivePolicy less = Policy(box, box.Rules[0], box.Rules[1], Box.Denied($"{box.Workspace}/bin", PathAccess.Execute));
        Clean(shell.Amend(less), (PathChange.Restricted, $"{box.Workspace}/bin"));
        Assert.Contains("Permission denied", shell.Ask("bin/p"), StringComparison.Ordinal);
        Clean(shell.Amend(box.Policy()), (PathChange.Restricted, $"{box.Workspace}/bin"));
        Assert.Equal("ran", shell.Ask("bin/p"));
    }

    [Fact]
    public void What_a_launch_did_not_give_waits_for_the_next_one()
    {
        using Box box = new();
        Write(box, "secret/a", "hidden");
        box.Rules.Add(Box.Denied($"{box.Workspace}/secret"));
        using LiveShell shell = new(box);
        Assert.Contains("Permission denied", shell.Ask("cat secret/a"), StringComparison.Ordinal);
        AmendmentResult result = shell.Amend(Policy(box, box.Rules[0], box.Rules[1], Box.Tree("/etc", PathAccess.Read)));
        Assert.Empty(result.Paths);
        Assert.Empty(result.Kept);
        Assert.Equal(2, result.NotUntilNextLaunch.Count);
        Assert.All(result.NotUntilNextLaunch, note => Assert.Contains("from the next launch on", note, StringComparison.Ordinal));
        Assert.Contains("Permission denied", shell.Ask("cat secret/a"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_taken_away_and_stays_is_told_apart_from_what_is_given()
    {
        using Box box = new();
        using LiveShell shell = new(box);
        AmendmentResult result = shell.Amend(Policy(box, box.Rules[0], Box.Tree(box.Workspace, PathAccess.Write), Box.Tree("/etc", PathAccess.Read)));
        Assert.Equal([$"{box.Workspace}: read is taken away from the next launch on; a mount cannot refuse it alone"], result.Kept);
        Assert.Contains(result.NotUntilNextLaunch, note => note.StartsWith("/etc: read is granted", StringComparison.Ordinal));
        Assert.Empty(result.Kept.Except(result.NotUntilNextLaunch));
    }

    [Theory]
    [InlineData("allow = [\"ptrace\", \"bpf\"]", false)]
    [InlineData("allow = []", true)]
    [InlineData("allow = [\"ptrace\"]\nonly = [\"read\", \"ptrace\"]", true)]
    [InlineData("allow = [\"ptrace\"]\nask = [\"mount\"]", true)]
    [InlineData("allow = [\"ptrace\"]\nprofile = \"tool-default\"", true)]
    [InlineData("allow = [\"ptrace\"]", false)]
    public void A_filter_that_stays_keeps_what_a_narrower_one_would_not_have(string syscalls, bool takes)
    {
        EffectivePolicy launched = Compiled("profile = \"default\"\nallow = [\"ptrace\"]\n"), wanted = Compiled((!syscalls.Contains("profile", StringComparison.Ordinal) ? "profile = \"default\"\n" : "") + syscalls);
        LayerChange change = new(launched, wanted);
        Assert.Equal(takes ? 1 : 0, change.Kept.Count());
        Assert.Empty(change.Kept.Except(change.Notes));
        Assert.Empty(new LayerChange(wanted, wanted).Notes);
    }

    [Theory]
    [InlineData("time = \"5m\"", "time = \"4m\"", 1, 1)]
    [InlineData("time = \"5m\"", "time = \"6m\"", 1, 0)]
    [InlineData("time = \"5m\"", "", 1, 0)]
    [InlineData("", "disk = \"1MiB\"", 1, 1)]
    public void Only_a_smaller_limit_takes_something(string before, string after, int notes, int kept)
    {
        LayerChange change = new(Compiled($"[limits]\n{before}"), Compiled($"[limits]\n{after}"));
        Assert.Equal((notes, kept), (change.Notes.Count(), change.Kept.Count()));
    }

    [Fact]
    public void A_link_in_the_way_is_not_followed()
    {
        using Box box = new();
        Write(box, "a/secret", "hidden");
        using LiveShell shell = new(box);
        shell.Ask("mv a b && ln -s b a");
        AmendedPath path = Assert.Single(shell.Amend(With(box, Box.Denied($"{box.Workspace}/a/secret", isTree: false))).Failed);
        Assert.Equal(Errno.ELOOP, path.Error);
    }

    [Fact]
    public void Exchanged_folders_do_not_make_an_amendment_lift_another_cover()
    {
        using Box box = new();
        Write(box, "a/secret/f", "of a");
        Write(box, "b/secret/f", "of b");
        using LiveShell shell = new(box);
        PathRule a = Box.Denied($"{box.Workspace}/a/secret"), b = Box.Denied($"{box.Workspace}/b/secret");
        Assert.Empty(shell.Amend(With(box, a, b)).Failed);
        // From outside, for nobody inside can: each is a mount point there.
        foreach ((string from, string to) in ((string, string)[])[("a", "x"), ("b", "a"), ("x", "b")])
        {
            Assert.Contains("busy", shell.Ask($"mv {from} {to}"), StringComparison.OrdinalIgnoreCase);
            Directory.Move($"{box.Workspace}/{from}", $"{box.Workspace}/{to}");
        }

        AmendmentResult result = shell.Amend(With(box, b));
        Assert.Empty(result.Paths);
        Assert.Contains(result.NotUntilNextLaunch, note => note.Contains("another mount is there", StringComparison.Ordinal));
        Assert.Contains("Permission denied", shell.Ask("cat a/secret/f"), StringComparison.Ordinal);
        Assert.Contains("Permission denied", shell.Ask("cat b/secret/f"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sandbox_that_has_ended_is_told()
    {
        using Box box = new();
        using LiveShell shell = new(box);
        shell.Run.Signal(9);
        shell.Run.WaitForEnd();
        SandboxRefusedException error = Assert.Throws<SandboxRefusedException>(() => shell.Amend(ReadOnly(box)));
        Assert.Contains("has ended", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sandbox_that_is_still_being_launched_never_escapes_the_change()
    {
        using Box box = new();
        Write(box, "secret/a", "hidden");
        for (int round = 0; round < 20; round++)
        {
            using LiveShell shell = new(box, isLaunched: false);
            try
            {
                Clean(shell.Amend(With(box, Box.Denied($"{box.Workspace}/secret"))), (PathChange.Covered, $"{box.Workspace}/secret"));
                Assert.Contains("Permission denied", shell.Ask("cat secret/a"), StringComparison.Ordinal);
            }
            catch (LinuxException error) when (error.Error == Errno.EPIPE)
            {
                Assert.Equal(SandboxEnd.Refused, shell.Run.WaitForEnd().Reason); // What it was about to use is covered already.
            }
        }
    }

    private static EffectivePolicy Compiled(string text)
    {
        PolicyCompilation compiled = PolicySet.Empty.With([("p.toml", PolicyFile.Parse(text.StartsWith('[') ? text : "[syscalls]\n" + text, "p.toml"))]).Compile("p");
        return compiled.Policy ?? throw new InvalidOperationException(string.Join('\n', compiled.Errors));
    }

    private static EffectivePolicy With(Box box, params PathRule[] rules) => Policy(box, [.. box.Rules, .. rules]);

    private static EffectivePolicy ReadOnly(Box box) => Policy(box, box.Rules[0], Box.Tree(box.Workspace, PathAccess.Read));

    private static EffectivePolicy Policy(Box box, params PathRule[] rules)
    {
        EffectivePolicy like = box.Policy();
        return new EffectivePolicy
        {
            Name = like.Name,
            Paths = [.. rules.OrderBy(rule => rule.Path, StringComparer.Ordinal)],
            Commands = like.Commands,
            Hosts = like.Hosts,
            Secrets = like.Secrets,
            SyscallProfile = like.SyscallProfile,
            SyscallAdditions = like.SyscallAdditions,
            Limits = like.Limits,
        };
    }

    private static void Clean(AmendmentResult result, params (PathChange Change, string Path)[] changes)
    {
        Assert.Empty(result.Failed);
        Assert.Equal(changes, result.Paths.Select(path => (path.Change, path.Path)));
    }

    private static void Write(Box box, string name, string text)
    {
        string path = Path.Combine(box.Workspace, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>As whoever runs the tests, and as an ordinary user where that is root.</summary>
    private static void WithEachUser(Action<Box> test)
    {
        using (Box box = new())
            test(box);
        if (!Environment.IsPrivilegedProcess)
            return;
        using Box other = new();
        File.SetUnixFileMode(other.Workspace, (UnixFileMode)0b111_111_111);
        other.User = new SandboxUser(65534, 65534, 65534, 65534);
        other.Before = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        test(other);
    }
}
