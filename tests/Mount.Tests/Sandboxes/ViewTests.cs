using ClawOS.Mount.Tests.Restart;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Sandboxes;

/// <summary>What `claw run` shows as /claw: what the policy grants of the memory, and nothing else of the mount.</summary>
public sealed class ViewTests : ProductTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public ViewTests()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
    }

    [Fact]
    public void Two_sandboxes_with_different_grants_do_not_see_each_others_files()
    {
        using ClawMount claw = Filled();
        using TestFolder work = new();
        foreach ((string mine, string other) in ((string, string)[])[("a", "b"), ("b", "a")])
        {
            string printed = Run(claw, work, Policy(work, mine), $"cat /claw/memory/{mine}/file; ls /claw/memory; cat /claw/memory/{other}/file");
            Assert.Contains($"of {mine}\n{mine}\n", printed, StringComparison.Ordinal);
            Assert.Contains($"cat: /claw/memory/{other}/file: No such file or directory", printed, StringComparison.Ordinal);
            Assert.DoesNotContain($"of {other}", printed, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_rest_of_the_mount_is_not_there_by_any_path()
    {
        using ClawMount claw = Filled();
        using TestFolder work = new();
        foreach (string name in (string[])[".views", "sys", "sys/ctl", "events", "search", "memory/b", "policy", "approvals"])
            Assert.Contains("No such file or directory", Run(claw, work, Policy(work, "a"), $"ls /claw/{name}"), StringComparison.Ordinal);
        Assert.Equal("README\nmemory\n", Run(claw, work, Policy(work, "a"), "ls /claw"));

        // A policy that grants a folder in which ClawOS is mounted does not grant the mount.
        string above = work["above.toml"];
        File.WriteAllText(above, File.ReadAllText(Policy(work, "a")).Replace("read = [", $"read = [\"{claw.Base}/**\", ", StringComparison.Ordinal));
        Assert.Equal("0\nof a\n", Run(claw, work, above, $"ls -A {claw.Mount} | wc -l; cat /claw/memory/a/file"));
    }

    [Fact]
    public void Files_are_changed_as_the_policy_says_and_each_grant_is_a_mount_of_its_own()
    {
        using ClawMount claw = Filled();
        using TestFolder work = new();
        string policy = work["both.toml"];
        File.WriteAllText(policy, Text("\"/claw/memory/a/**\", \"/claw/memory/b/**\", \"/claw/memory/one.md\"", "\"/claw/memory/a/**\""));
        string printed = Run(claw, work, policy, """
            echo new > /claw/memory/a/new && cat /claw/memory/a/new
            echo no > /claw/memory/b/new
            echo no > /claw/memory/one.md
            echo no > /claw/new
            python3 -c 'import os; os.rename("/claw/memory/a/new", "/claw/memory/b/new")'
            cat /claw/memory/one.md
            """);
        Assert.StartsWith("new\n", printed, StringComparison.Ordinal);
        Assert.EndsWith("one\n", printed, StringComparison.Ordinal);
        Assert.Contains("Invalid cross-device link", printed, StringComparison.Ordinal);
        Assert.Equal(3, printed.Split("Read-only file system").Length - 1);
        Assert.Equal("new\n", File.ReadAllText(Path.Combine(claw.Memory, "a/new")));
    }

    [Fact]
    public void A_watch_in_a_sandbox_hears_of_changes_from_outside()
    {
        Need.Program("inotifywait");
        using ClawMount claw = Filled();
        using TestFolder work = new();
        using RunningProgram watching = claw.Start(Words(claw, work, Policy(work, "a"), "inotifywait -m /claw/memory/a 2>&1"));
        Assert.True(watching.WaitFor("Watches established", s_limit), watching.Printed);
        File.WriteAllText(Path.Combine(claw.Memory, "a/later"), "");
        Assert.True(watching.WaitFor("CREATE later", s_limit), watching.Printed);
    }

    [Fact]
    public void A_sandbox_keeps_its_view_when_fs_is_killed()
    {
        using ClawMount claw = Filled();
        using TestFolder work = new();
        RestartedFs fs = new(claw);
        using RunningProgram inside = claw.Start(Words(claw, work, Policy(work, "a"), "cat /claw/memory/a/file; until [ -e go ]; do sleep 0.1; done; cat /claw/memory/a/late /claw/README; ls /claw/memory/b"));
        Assert.True(inside.WaitFor("of a", s_limit), inside.Printed);
        fs.Kill();
        fs.WaitForSuccessor();
        File.WriteAllText(Path.Combine(claw.Memory, "a/late"), "after the kill\n");
        File.WriteAllText(work["go"], "");
        ProgramResult ended = inside.Wait(s_limit);
        Assert.Contains("after the kill\nThis is your part of ClawOS", ended.Out, StringComparison.Ordinal);
        Assert.Contains("/claw/memory/b': No such file or directory", ended.Err, StringComparison.Ordinal);
    }

    private static ClawMount Filled()
    {
        ClawMount claw = new ClawMount().Up();
        foreach (string name in (string[])["a", "b"])
        {
            Directory.CreateDirectory(Path.Combine(claw.Memory, name));
            File.WriteAllText(Path.Combine(claw.Memory, name, "file"), $"of {name}\n");
        }

        File.WriteAllText(Path.Combine(claw.Memory, "one.md"), "one\n");
        return claw;
    }

    private static string Policy(TestFolder work, string granted)
    {
        string path = work[$"{granted}.toml"];
        File.WriteAllText(path, Text($"\"/claw/memory/{granted}/**\"", ""));
        return path;
    }

    private static string Text(string read, string write) => $"""
        [paths]
        read = [{read}, "/usr/**", "/bin/**", "/lib/**", "/lib64/**", "/etc/ld.so.cache", "$WORKSPACE/**"]
        write = [{write}]
        execute = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**"]

        [syscalls]
        profile = "default"
        """;

    private static string[] Words(ClawMount claw, TestFolder work, string policy, string script) =>
        ["run", "--policy", policy, "--workspace", work.Path, "--mount", claw.Mount, "--", "bash", "-c", script];

    /// <summary>Both outputs of a script, whatever it ends with.</summary>
    private static string Run(ClawMount claw, TestFolder work, string policy, string script) =>
        claw.Claw(Words(claw, work, policy, $"exec 2>&1\n{script}")).Out;
}
