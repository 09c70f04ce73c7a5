using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>What a policy becomes: what is shown, what is covered, what is said to be missing.</summary>
public sealed class ViewTests
{
    [Fact]
    public void Read_write_and_execute_are_three_things()
    {
        using Box box = new();
        string read = Folder(box, "read"), write = Folder(box, "write"), run = Folder(box, "run");
        foreach (string folder in (string[])[read, write, run])
        {
            File.WriteAllText($"{folder}/p", "#!/bin/sh\necho ran\n");
            File.SetUnixFileMode($"{folder}/p", (UnixFileMode)0b111_101_101);
        }

        box.Rules.RemoveAll(rule => rule.Path == box.Workspace);
        box.Rules.AddRange([Box.Tree(read, PathAccess.Read), Box.Tree(write, PathAccess.Read | PathAccess.Write), Box.Tree(run, PathAccess.Read | PathAccess.Execute)]);
        Assert.Equal("ran", box.Run($"{run}/p").Must());
        Assert.Equal("no no yes no", box.Run("sh", "-c", $"t() {{ (eval \"$1\") 2>/dev/null && printf 'yes ' || printf 'no '; }}; t '{read}/p'; t 'echo >> {read}/p'; t 'echo >> {write}/new'; t '{write}/p'").Must().TrimEnd());
    }

    [Fact]
    public void The_workspace_is_there_even_below_the_scratch_folder()
    {
        using Box box = new();
        Assert.StartsWith("/tmp/", box.Workspace, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(box.Workspace, "a"), "outside");
        Assert.Equal($"outside {Path.GetFileName(box.Workspace)}", box.Run("sh", "-c", "echo $(cat a) $(ls /tmp)").Must());
    }

    [Fact]
    public void One_file_can_be_granted_alone()
    {
        using Box box = new();
        box.Rules.Add(Box.File("/etc/hostname", PathAccess.Read));
        Assert.Equal(File.ReadAllText("/etc/hostname").Trim() + " hostname", box.Run("sh", "-c", "echo $(cat /etc/hostname) $(cd /etc && echo *)").Must().Replace("*", "hostname", StringComparison.Ordinal));
    }

    [Fact]
    public void A_command_may_be_launched_with_the_arguments_that_its_rule_names_only()
    {
        using Box box = new();
        box.Rules.RemoveAll(rule => rule.Path == "/usr");
        box.Rules.AddRange([Box.Tree("/usr", PathAccess.Read), Box.Tree("/usr/lib", PathAccess.Read | PathAccess.Execute)]);
        if (Directory.Exists("/usr/lib64"))
            box.Rules.Add(Box.Tree("/usr/lib64", PathAccess.Read | PathAccess.Execute));
        box.Commands.Add(Box.Command("/usr/bin/echo", ["hello", "**"], "-*"));
        Assert.Equal("hello world", box.Run("echo", "hello", "world").Must());
        foreach (string[] command in (string[][])[["echo", "bye"], ["echo", "hello", "-n"], ["echo"], ["cat", "/etc/passwd"]])
        {
            SandboxRefusedException error = Assert.Throws<SandboxRefusedException>(() => box.Plan(command));
            Assert.Contains("policy test does not let /usr/bin/", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_program_that_does_not_exist_is_said_not_to() =>
        Assert.Equal("no-such: no such program in /usr/bin:/bin", Assert.Throws<SandboxRefusedException>(() =>
        {
            using Box box = new();
            return box.Plan("no-such");
        }).Message);

    [Fact]
    public void What_no_layer_enforces_is_said()
    {
        using Box box = new() { Limits = new Limits(CpuPercent: 50, MemoryBytes: 1 << 20) };
        box.Rules.AddRange([
            Box.Denied("/**/*.pem") with { IsGlob = true },
            Box.Denied($"{box.Workspace}/not-yet"),
            Box.Denied("/usr/not-there")]);
        Assert.Equal(
            ["test.toml:1: /**/*.pem is denied by a pattern, which no layer here enforces",
             $"test.toml:1: {box.Workspace}/not-yet is denied and does not exist: the command could make it",
             "limits: cpu 50 %: needs a control group",
             "limits: memory 1 MiB: needs a control group"],
            box.Plan("true").Missing.Where(line => !line.StartsWith("Landlock", StringComparison.Ordinal)));
    }

    /// <summary>AppArmor narrows what the view and Landlock then have to show. Without a profile nothing may be wider.</summary>
    [Theory]
    [InlineData("claw.test.1")]
    [InlineData(null)]
    public void A_pattern_is_its_folder_where_a_profile_is_entered_and_nothing_else(string? profile)
    {
        using Box box = new();
        string folder = Directory.CreateDirectory($"/var/tmp/claw-view-{Guid.NewGuid():N}/deep").FullName;
        string above = Path.GetDirectoryName(folder)!;
        try
        {
            PathRule[] patterns = [.. ((string[])[$"{above}/deep/*/x*.txt", $"{box.Workspace}/deep/*", "/*.txt", "/proc/*/maps"]).Select(path => Box.File(path, PathAccess.Read) with { IsGlob = true })];
            box.Rules.AddRange([.. patterns, Box.Denied("/**/*.pem") with { IsGlob = true }]);
            SandboxPlan plan = SandboxPlan.From(box.Policy(), new SandboxRequest { Command = ["/usr/bin/true"], AppArmorProfile = profile });
            string[] shown = [.. plan.View.Select(item => item.Target).Where(target => target.StartsWith(above, StringComparison.Ordinal)).Distinct()];
            string[] granted = [.. plan.Landlock!.Paths.Select(rule => rule.Path).Where(path => path.StartsWith(above, StringComparison.Ordinal))];
            string[] patternsWithout = [.. plan.Notes.Where(line => line.Contains("is a pattern", StringComparison.Ordinal))];
            Assert.Equal(profile is null ? [] : [above, folder], shown);
            Assert.Equal(profile is null ? [] : [folder], granted);
            Assert.Equal(profile is null ? 4 : 3, patternsWithout.Length);
            Assert.Equal(profile is null, plan.Missing.Any(line => line.Contains("*.pem", StringComparison.Ordinal)));
            Assert.DoesNotContain(plan.Landlock.Paths, rule => rule.Path is "/" || rule.Path.StartsWith(box.Workspace + "/", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(above, recursive: true);
        }
    }

    [Fact]
    public void A_profile_of_system_calls_that_does_not_exist_is_refused()
    {
        using Box box = new() { SyscallProfile = "defualt" };
        Assert.Equal("policy test: no profile of system calls 'defualt'; there are default, tool-default", Assert.Throws<SandboxRefusedException>(() => box.Plan("true")).Message);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 4)]
    [InlineData(3, 3)]
    [InlineData(5, 1)]
    [InlineData(6, 0)]
    [InlineData(7, 0)]
    public void What_an_older_Landlock_lacks_is_said_and_not_asked_for(int version, int lines)
    {
        LandlockSupport support = new(version);
        Assert.Equal(lines, support.Missing().Count());
        LandlockPlan? plan = support.Plan([new LandlockRule("/tmp", FileRights.All)]);
        Assert.Equal(version == 0, plan is null);
        Assert.True(plan is null || plan.Version == Math.Min(version, 6));
        Assert.Equal(version >= 5, plan is not null && plan.HandledFiles.HasFlag(FileRights.IoctlDev));
        Assert.Equal(version >= 4, plan is { HandledNet: 3 });
        Assert.Equal(version >= 6, plan is { Scopes: 3 });
        Assert.True(plan is null || (plan.Paths[0].Rights & ~plan.HandledFiles) == 0);
    }

    [Fact]
    public void A_plan_for_the_first_Landlock_runs_on_this_kernel()
    {
        using Box box = new();
        SandboxPlan plan = SandboxPlan.From(box.Policy(), new SandboxRequest { Command = ["cat", "/proc/self/status"], Folder = box.Workspace, Landlock = new LandlockSupport(1) });
        Assert.Contains("NoNewPrivs:\t1", box.Run(plan).Must(), StringComparison.Ordinal);
    }

    private static string Folder(Box box, string name) => Directory.CreateDirectory(Path.Combine(box.Workspace, name)).FullName;
}
