using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClawOS.Mount.Tests.Restart;
using ClawOS.Mount.Tests.Search;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Sandboxes;

/// <summary>Commands and system calls that wait for the owner's yes, through the real mount.</summary>
public sealed partial class ApprovalTests : ProductTests, IDisposable
{
    private const int NotApproved = 123, NotStarted = 125;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly ClawMount claw;
    private readonly TestFolder work = new();
    private readonly TestFolder tools = new();

    public ApprovalTests()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
        claw = new ClawMount().Up();
        Make("echo \"deployed $*\"");
        File.WriteAllText(Path.Combine(claw.Mount, "policy/active/asking.toml"), $"""
            [paths]
            read = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**", "/etc/ld.so.cache", "/dev/null", "$WORKSPACE/**", "/claw/memory/**"]
            execute = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**"]
            write = ["/dev/null", "$WORKSPACE/**"]
            [[command]]
            path = "{Tool}"
            approve = true
            [syscalls]
            ask = ["mkdir"]
            """);
    }

    public void Dispose()
    {
        claw?.Dispose();
        work.Dispose();
        tools.Dispose();
    }

    private string Tool => tools["deploy"];

    private string Approvals => Path.Combine(claw.Mount, "approvals");

    private void Make(string script)
    {
        File.WriteAllText(Tool, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(Tool, (UnixFileMode)0b111_101_101);
    }

    private RunningProgram Start(params string[] command) => claw.Start(["run", "--policy", "asking", "--workspace", work.Path, "--mount", claw.Mount, "--", .. command]);

    /// <summary>Waits until it says what it waits for.</summary>
    private static string Id(RunningProgram run)
    {
        Assert.True(run.WaitFor("waits for your yes: claw approve ", s_limit), run.Printed);
        return Asked().Match(run.Printed).Groups[1].Value;
    }

    private string[] Waits() => [.. Directory.GetFiles(Approvals).Select(path => Path.GetFileName(path)!)];

    [Fact]
    public void A_yes_starts_it_once_and_a_no_never()
    {
        using RunningProgram yes = Start(Tool, "now", "a\nexpires = 2099");
        string id = Id(yes);
        string card = File.ReadAllText(Path.Combine(Approvals, id));
        Assert.Contains($"program = \"{Tool}\"\n", card, StringComparison.Ordinal);
        Assert.Contains($"command = [\"{Tool}\", \"now\", \"a\\nexpires = 2099\"]\n", card, StringComparison.Ordinal);
        Assert.Contains("you said yes", claw.Claw("approve", id, "--mount", claw.Mount).Must().Out, StringComparison.Ordinal);
        Assert.Equal("deployed now a\nexpires = 2099\n", yes.Wait(s_limit).Must().Out);
        Waiting.Until(Waits, static waits => waits.Length == 0, s_limit);
        Assert.NotEqual(0, claw.Claw("approve", id, "--mount", claw.Mount).ExitCode);

        using RunningProgram no = Start(Tool, "now", "a\nexpires = 2099");
        string other = Id(no);
        Assert.NotEqual(id, other);
        claw.Claw("approve", other, "--deny", "--mount", claw.Mount).Must();
        ProgramResult refused = no.Wait(s_limit);
        Assert.Equal((NotApproved, ""), (refused.ExitCode, refused.Out));
        Assert.Contains($"approval {other} was denied", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_another_one_by_now_is_not_started()
    {
        using RunningProgram run = Start(Tool);
        string id = Id(run);
        Make("echo evil");
        claw.Claw("approve", id, "--mount", claw.Mount).Must();
        ProgramResult end = run.Wait(s_limit);
        Assert.Equal((NotApproved, ""), (end.ExitCode, end.Out));
        Assert.Contains("has been written to", end.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_goes_away_withdraws_and_a_killed_guard_says_no_yes()
    {
        using RunningProgram gone = Start(Tool);
        _ = Id(gone);
        gone.Kill();
        Waiting.Until(Waits, static waits => waits.Length == 0, s_limit);

        using RunningProgram run = Start(Tool);
        string id = Id(run);
        using (Process guard = Process.GetProcessById(Guard()))
            guard.Kill();
        ProgramResult end = run.Wait(s_limit);
        Assert.Equal((NotStarted, ""), (end.ExitCode, end.Out));
        Assert.Contains($"approval {id} is lost", end.Err, StringComparison.Ordinal);
        Waiting.Until(Waits, static waits => waits.Length == 0, s_limit);
    }

    [Fact]
    public void A_killed_file_system_shows_it_again_and_its_answer_counts()
    {
        using RunningProgram run = Start(Tool, "later");
        string id = Id(run);
        RestartedFs fs = new(claw);
        fs.Kill();
        fs.WaitForSuccessor();
        Assert.Equal([id], Waiting.Until(Waits, static waits => waits.Length == 1, s_limit));
        claw.Claw("approve", id, "--mount", claw.Mount).Must();
        Assert.Equal("deployed later\n", run.Wait(s_limit).Must().Out);
    }

    [Fact]
    public void Nothing_in_a_sandbox_sees_approvals_or_starts_such_a_command()
    {
        using RunningProgram inside = Start("sh", "-c", $"ls /claw; ls /claw/approvals {claw.Mount}/approvals {Approvals}; {Tool} now || echo refused");
        claw.Claw("approve", Assert.Single(Waiting.Until(Waits, static waits => waits.Length == 1, s_limit)), "--deny", "--mount", claw.Mount).Must(); // What stands in its place asks.
        ProgramResult end = inside.Wait(s_limit);
        Assert.Equal(0, end.ExitCode);
        Assert.DoesNotContain("approvals", end.Out, StringComparison.Ordinal);
        Assert.EndsWith("refused\n", end.Out, StringComparison.Ordinal);
        Assert.Empty(Waits());
    }

    [Fact]
    public void A_call_that_is_asked_is_made_after_the_yes_and_refused_after_the_no()
    {
        using RunningProgram run = Start("sh", "-c", "mkdir a; mkdir b || echo no");
        foreach ((string answer, string[] words) in ((string, string[])[])[("yes", []), ("no", ["--deny"])])
        {
            string id = Assert.Single(Waiting.Until(Waits, static waits => waits.Length == 1, s_limit));
            string card = File.ReadAllText(Path.Combine(Approvals, id));
            Assert.Contains("what = \"call\"\npolicy = \"asking\"\ncall = \"mkdir\"\n", card, StringComparison.Ordinal);
            claw.Claw(["approve", id, .. words, "--mount", claw.Mount]).Must();
            Waiting.Until(Waits, waits => !waits.Contains(id), s_limit);
            Assert.True(answer == "no" || run.WaitFor("waits for your yes", s_limit));
        }

        Assert.Equal("no\n", run.Wait(s_limit).Must().Out);
        Assert.Equal(["a"], Directory.GetDirectories(work.Path).Select(Path.GetFileName));
    }

    private int Guard() => JsonNode.Parse(claw.Claw("status", "--json").Must().Out)!["services"]!.AsArray()
        .First(service => service!["name"]!.GetValue<string>() == "guard")!["pid"]!.GetValue<int>();

    [GeneratedRegex("claw approve ([a-z2-7]+)")]
    private static partial Regex Asked();
}
