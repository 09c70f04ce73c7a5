using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ClawOS.Mount.Tests.Restart;
using ClawOS.Mount.Tests.Search;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Sandboxes;

/// <summary>A policy in the mount is saved with ordinary tools, and a command that already runs feels it.</summary>
public sealed class LivePolicyTests : ProductTests
{
    private const string Writable = """write = ["/dev/null", "/dev/zero", "/dev/full", "$WORKSPACE/**"]""", ReadOnly = """write = ["/dev/null", "/dev/zero", "/dev/full"]""";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    // Says what a write gives whenever that is another thing than before.
    private const string Watcher = """
        before=
        until [ -e stop ]; do
            if (echo x > probe) 2>/dev/null; then now=writable; else now=refused; fi
            [ "$now" = "$before" ] || echo "$now"
            before=$now
            sleep 0.02
        done
        """;

    public LivePolicyTests()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
    }

    [Fact]
    public void A_coder_commits_and_reaches_neither_secrets_nor_the_network_nor_the_mount()
    {
        Need.Program("git");
        using ClawMount claw = new ClawMount().Up();
        using TestFolder work = new();
        File.WriteAllText(Path.Combine(claw.Memory, "private.md"), "of somebody else");
        string printed = claw.Claw(Words(claw, work, $$"""
            exec 2>&1
            git init -q . && git config user.email a@b && git config user.name a && echo one > f && git add f && git commit -qm one && git log --format=%s
            cat /etc/shadow; ls {{claw.Mount}} /claw
            (echo > /dev/tcp/192.0.2.1/80) || (echo > /dev/tcp/127.0.0.1/22)
            """)).Out;
        Assert.StartsWith("one\n", printed, StringComparison.Ordinal);
        foreach (string path in (string[])["/etc/shadow", claw.Mount, "/claw"])
            Assert.Matches($"{path}'?: No such file or directory", printed);
        Assert.Contains("/dev/tcp/192.0.2.1/80: Permission denied", printed, StringComparison.Ordinal);
        Assert.Contains("/dev/tcp/127.0.0.1/22: Permission denied", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_save_reaches_the_command_that_runs_and_the_next_save_gives_back()
    {
        using ClawMount claw = new ClawMount().Up();
        using TestFolder work = new();
        using RunningProgram inside = claw.Start(Words(claw, work, Watcher));
        Listed(claw);
        JsonNode sandbox = Assert.Single(JsonNode.Parse(claw.Claw("status", claw.Mount, "--json").Must().Out)!["sandboxes"]!.AsArray())!;
        Assert.Equal(("coder", claw.Mount), ((string)sandbox["policy"]!, (string)sandbox["mount"]!));
        Save(claw, Writable, ReadOnly);
        Assert.True(inside.WaitFor("refused", s_limit), $"{inside.Printed}\n{Shown(claw, "run/list")}\n{Applied(claw)}");
        Waiting.Until(() => Applied(claw), text => text.Contains($"coder: {work.Path}: restricted: ReadOnly", StringComparison.Ordinal), s_limit);
        Save(claw, ReadOnly, Writable);
        Waiting.Until(() => Applied(claw), text => text.Contains($"coder: {work.Path}: as launched", StringComparison.Ordinal), s_limit);

        // A save that is refused changes nothing.
        ProgramResult refused = Run(new ProgramOptions(), "bash", "-c", $"echo 'paths = 1' > {claw.Mount}/policy/active/coder.toml");
        Assert.Contains("coder.toml:1:", File.ReadAllText(Path.Combine(claw.Mount, "policy/errors")), StringComparison.Ordinal);
        Assert.True(inside.WaitFor("refused\nwritable", s_limit), inside.Printed);
        File.WriteAllText(work["stop"], "");
        Assert.Equal("writable\nrefused\nwritable\n", inside.Wait(s_limit).Must().Out);
        Assert.Equal("", refused.Out);
    }

    [Fact]
    public void Killed_guards_and_killed_file_systems_leave_the_command_and_its_policy()
    {
        using ClawMount claw = new ClawMount().Up();
        using TestFolder work = new();
        RestartedFs fs = new(claw);
        using RunningProgram inside = claw.Start(Words(claw, work, Watcher));
        Listed(claw);
        using (Process guard = Process.GetProcessById(Guard(claw)))
            guard.Kill();
        Listed(claw);
        Save(claw, Writable, ReadOnly);
        Assert.True(inside.WaitFor("refused", s_limit), $"{inside.Printed}\n{Shown(claw, "run/list")}\n{Applied(claw)}");
        fs.Kill();
        fs.WaitForSuccessor();
        Listed(claw);
        Save(claw, ReadOnly, Writable);
        Waiting.Until(() => Applied(claw), text => text.Contains("as launched", StringComparison.Ordinal), s_limit);
        Assert.True(inside.WaitFor("refused\nwritable", s_limit), inside.Printed);
        File.WriteAllText(work["stop"], "");
        Assert.Equal("writable\nrefused\nwritable\n", inside.Wait(s_limit).Must().Out);
    }

    [Fact]
    public void A_command_that_would_keep_what_a_save_takes_is_ended_where_its_policy_says_so()
    {
        const string Calls = "profile = \"default\"", Description = "description = ";
        using ClawMount claw = new ClawMount().Up();
        using TestFolder work = new();
        Save(claw, Description, "on_revoke = \"kill\"\n" + Description);
        using RunningProgram inside = claw.Start(Words(claw, work, Watcher));
        Listed(claw);

        // What a running view can hold ends nothing.
        Save(claw, Writable, ReadOnly);
        Assert.True(inside.WaitFor("refused", s_limit), inside.Printed);
        Save(claw, Calls, Calls + "\nask = [\"mount\"]");
        ProgramResult result = inside.Wait(s_limit);
        const string Said = "ended: its policy was narrowed in a way that only the next launch can hold (on_revoke): syscalls: ";
        Assert.Equal((137, "writable\nrefused\n"), (result.ExitCode, result.Out));
        Assert.Contains($"claw: run: {Said}", result.Err, StringComparison.Ordinal);
        Waiting.Until(() => Applied(claw), text => text.Contains($"coder: {Said}", StringComparison.Ordinal), s_limit);
    }

    [Fact]
    public void A_policy_that_is_named_by_its_file_is_followed_like_one_that_is_named()
    {
        using ClawMount claw = new ClawMount().Up();
        using TestFolder work = new();
        string[] words = Words(claw, work, Watcher);
        words[2] = Path.Combine(claw.Mount, "policy/active/coder.toml");
        using RunningProgram inside = claw.Start(words);
        Listed(claw);
        Save(claw, Writable, ReadOnly);
        Assert.True(inside.WaitFor("refused", s_limit), $"{inside.Printed}\n{Applied(claw)}");
        File.WriteAllText(work["stop"], "");
        Assert.Equal("writable\nrefused\n", inside.Wait(s_limit).Must().Out);
    }

    [Fact]
    public void A_policy_that_is_removed_allows_nothing_until_it_is_put_back()
    {
        using ClawMount claw = new ClawMount().Up();
        using TestFolder work = new();
        string file = Path.Combine(claw.Mount, "policy/active/coder.toml");
        byte[] text = File.ReadAllBytes(file);
        File.Delete(file);
        ProgramResult refused = claw.Claw(Words(claw, work, "echo ran"));
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Equal("", refused.Out);
        Assert.Contains($"coder: no such policy in {claw.Mount}/policy/active; there are read-only, researcher, tool-default", refused.Err, StringComparison.Ordinal);
        string shipped = claw.Claw("policy", "show", "--shipped", "coder").Must().Out;
        Assert.Equal(Encoding.UTF8.GetString(text), shipped);
        File.WriteAllText(file, shipped);
        Assert.Equal("ran\n", claw.Claw(Words(claw, work, "echo ran")).Must().Out);
    }

    [Fact]
    public void Git_in_a_sandbox_commits_by_the_name_of_whoever_started_it_unless_the_repository_says_another()
    {
        Need.Program("git");
        using TestFolder work = new();
        File.WriteAllText(work["global"], "[user]\n  name = Ada L\n  email = ada@example.org\n");
        ProgramOptions options = new() { Environment = new Dictionary<string, string?> { ["CLAW_STATE"] = work["state"], ["GIT_CONFIG_GLOBAL"] = work["global"] } };
        string[] command = [.. Repository.ClawCommand(), "run", "--policy", "coder", "--workspace", work.Path, "--", "bash", "-c", "git init -q . 2>/dev/null; git commit -q --allow-empty -m one && git log -1 --format='%an %ae %cn'"];
        Assert.Equal("Ada L ada@example.org Ada L\n", Run(options, command[0], command[1..]).Must().Out);
        Run(new ProgramOptions { Folder = work.Path }, "git", "config", "user.name", "Local").Must();
        Assert.Equal("Local ada@example.org Local\n", Run(options, command[0], command[1..]).Must().Out);
    }

    private static string[] Words(ClawMount claw, TestFolder work, string script) =>
        ["run", "--policy", "coder", "--workspace", work.Path, "--mount", claw.Mount, "--", "bash", "-c", script];

    private static void Save(ClawMount claw, string old, string replacement)
    {
        string file = Path.Combine(claw.Mount, "policy/active/coder.toml");
        string text = File.ReadAllText(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    /// <summary>Waits until guard knows of one sandbox; guards and file systems come and go meanwhile.</summary>
    private static void Listed(ClawMount claw) =>
        Waiting.Until(() => Shown(claw, "run/list"), text => text.Split('\n').Count(line => line.Contains("\tcoder\t", StringComparison.Ordinal)) == 1, s_limit);

    private static string Applied(ClawMount claw) => Shown(claw, "run/applied");

    private static string Shown(ClawMount claw, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(claw.Mount, name));
        }
        catch (IOException gone)
        {
            return gone.Message; // A file system that has just been killed; its successor has the file.
        }
    }

    private static int Guard(ClawMount claw) => JsonNode.Parse(claw.Claw("status", "--json").Must().Out)!["services"]!.AsArray()
        .First(service => service!["name"]!.GetValue<string>() == "guard")!["pid"]!.GetValue<int>();
}
