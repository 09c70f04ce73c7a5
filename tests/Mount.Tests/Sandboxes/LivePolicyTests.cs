using System.Diagnostics;
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
        Save(claw, Writable, ReadOnly);
        Assert.True(inside.WaitFor("refused", s_limit), inside.Printed);
        Waiting.Until(() => Applied(claw), text => text.Contains($"coder: {work.Path}: restricted: ReadOnly", StringComparison.Ordinal), s_limit);
        Save(claw, ReadOnly, Writable);
        Waiting.Until(() => Applied(claw), text => text.Contains($"coder: {work.Path}: as launched", StringComparison.Ordinal), s_limit);

        // A save that is refused changes nothing.
        ProgramResult refused = Run(new ProgramOptions(), "bash", "-c", $"echo 'paths = 1' > {claw.Mount}/policy/active/coder.toml");
        Assert.Contains("coder.toml:1:", File.ReadAllText(Path.Combine(claw.Mount, "policy/errors")), StringComparison.Ordinal);
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
        Assert.True(inside.WaitFor("refused", s_limit), inside.Printed);
        fs.Kill();
        fs.WaitForSuccessor();
        Listed(claw);
        Save(claw, ReadOnly, Writable);
        Waiting.Until(() => Applied(claw), text => text.Contains("as launched", StringComparison.Ordinal), s_limit);
        File.WriteAllText(work["stop"], "");
        Assert.Equal("writable\nrefused\nwritable\n", inside.Wait(s_limit).Must().Out);
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
