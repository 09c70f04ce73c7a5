using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>Commands that need approval, with policies made by hand: what a plan lets be started, with the owner's yes and without.</summary>
public sealed class ApprovalTests : IDisposable
{
    private static readonly SourceLine Here = new("test.toml", 1);
    private readonly Box box = new();
    private readonly string tools = Directory.CreateTempSubdirectory("claw-tools-").FullName;

    public ApprovalTests()
    {
        Make("deploy", "echo \"deployed $*\"; [ $# -lt 2 ] || exec \"$2\" again");
        Make("erase", "echo erased");
        Make("free", "echo free");
        File.Copy("/usr/bin/echo", Tool("say"));
        box.Commands.AddRange([Needs("deploy"), Needs("erase"), Needs("say"), Box.Command(Tool("free"))]);
    }

    public void Dispose()
    {
        box.Dispose();
        Directory.Delete(tools, recursive: true);
    }

    private string Tool(string name) => Path.Combine(tools, name);

    private CommandRule Needs(string name) => Box.Command(Tool(name)) with { NeedsApproval = true };

    private void Make(string name, string script)
    {
        File.WriteAllText(Tool(name), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(Tool(name), (UnixFileMode)0b111_101_101);
    }

    private SandboxRequest Request(ApprovedLaunch? approved, params string[] command) => new() { Command = command, Approved = approved, Folder = box.Workspace, Environment = new Dictionary<string, string> { ["PATH"] = $"{tools}:/usr/bin" } };

    private ApprovedLaunch? Need(params string[] command) => SandboxPlan.ApprovalFor(box.Policy(), Request(null, command));

    private Outcome Run(ApprovedLaunch? approved, params string[] command) => box.Run(SandboxPlan.From(box.Policy(), Request(approved, command)));

    [Fact]
    public void Without_a_yes_no_plan_is_made_and_with_it_the_command_runs()
    {
        Assert.Contains("only with the owner's yes", Assert.Throws<SandboxRefusedException>(() => Run(null, "deploy", "now")).Message, StringComparison.Ordinal);
        ApprovedLaunch need = Need("deploy", "now")!;
        Assert.Equal((Tool("deploy"), $"{Tool("deploy")} now"), (need.Program, string.Join(' ', need.Command)));
        Assert.Equal("deployed now", Run(need, "deploy", "now").Must());
        Assert.Null(Need("free"));
        Assert.Equal("free", Run(null, "free").Must());
    }

    [Fact]
    public void A_yes_is_good_for_one_program_with_its_words()
    {
        ApprovedLaunch yes = Need("deploy", "now")!;
        foreach (string[] other in (string[][])[["deploy"], ["deploy", "now", ""], ["deploy", "later"], ["erase", "now"]])
        {
            Assert.Throws<SandboxRefusedException>(() => Run(yes, other));
        }
    }

    /// <summary>git, busybox and others do what the name says that they are called by, and whoever asks chooses it with a link.</summary>
    [Fact]
    public void It_is_started_under_its_own_name_whatever_link_it_was_called_by()
    {
        File.CreateSymbolicLink(Path.Combine(box.Workspace, "other-name"), Tool("say"));
        ApprovedLaunch need = Need(Path.Combine(box.Workspace, "other-name"), "hi")!;
        Assert.Equal([Tool("say"), "hi"], need.Command);
        Assert.Equal([Tool("say"), "hi"], SandboxPlan.From(box.Policy(), Request(need, Path.Combine(box.Workspace, "other-name"), "hi")).Arguments);
    }

    [Fact]
    public void Nothing_in_a_sandbox_starts_the_file_of_such_a_command()
    {
        box.Rules.Add(Box.Tree(tools, PathAccess.Read));
        Assert.Equal("free\nno", Run(null, "sh", "-c", $"{Tool("free")}; {Tool("deploy")} now 2>/dev/null || echo no").Must());
        Assert.Equal("no", Run(null, "sh", "-c", $"{Tool("say")} hi 2>/dev/null || echo no").Must());
        Assert.Equal("no", Run(null, "sh", "-c", $"/lib64/ld-linux-x86-64.so.2 {Tool("say")} hi 2>/dev/null || echo no").Must());
        Assert.Equal("no", Run(null, "sh", "-c", $"cp {Tool("deploy")} /tmp/d && /tmp/d now 2>/dev/null || echo no").Must());
    }

    [Fact]
    public void A_sandbox_that_was_launched_with_a_yes_starts_no_other_such_command()
    {
        Assert.Equal("deployed again\ndeployed again", Run(Need("deploy", "again", Tool("deploy")), "deploy", "again", Tool("deploy")).Text.Replace($" {Tool("deploy")}", "", StringComparison.Ordinal).TrimEnd());
        Outcome other = Run(Need("deploy", "x", Tool("erase")), "deploy", "x", Tool("erase"));
        Assert.NotEqual(0, other.Result.ExitCode);
        Assert.DoesNotContain("erased", other.Text, StringComparison.Ordinal);
    }

    /// <summary>Once the file runs, nobody sees with which arguments it is started again.</summary>
    [Fact]
    public void One_rule_that_needs_approval_is_enough_for_its_file()
    {
        box.Commands.Insert(0, Box.Command(Tool("deploy"), ["status"]));
        Assert.NotNull(Need("deploy", "status"));
        Assert.Throws<SandboxRefusedException>(() => Run(null, "deploy", "status"));
    }

    [Fact]
    public void A_name_that_leads_to_a_free_program_first_never_reaches_one_that_needs_approval()
    {
        string other = Directory.CreateDirectory(Path.Combine(tools, "first")).FullName;
        File.Copy(Tool("free"), Path.Combine(other, "deploy"));
        box.Commands.Add(Box.Command(Path.Combine(other, "deploy")));
        SandboxRequest request = new() { Command = ["deploy"], Folder = box.Workspace, Environment = new Dictionary<string, string> { ["PATH"] = $"{other}:{tools}" } };
        Assert.Null(SandboxPlan.ApprovalFor(box.Policy(), request));
        Assert.Equal([Path.Combine(other, "deploy")], SandboxPlan.From(box.Policy(), request).Programs);
    }

    [Fact]
    public void What_does_not_match_the_command_is_refused_without_a_question()
    {
        box.Commands[0] = Box.Command(Tool("deploy"), ["now"]) with { NeedsApproval = true };
        Assert.Throws<SandboxRefusedException>(() => Need("deploy", "later"));
        Assert.NotNull(Need("deploy", "now"));
    }

    [Fact]
    public void A_command_that_comes_to_need_approval_cannot_be_started_any_more_by_who_runs()
    {
        EffectivePolicy before = new() { Name = "test", Paths = box.Policy().Paths, Commands = [Box.Command(Tool("free"))], Hosts = [], Secrets = [], SyscallProfile = "default", SyscallAdditions = [], Limits = new Limits() };
        EffectivePolicy after = new() { Name = "test", Paths = before.Paths, Commands = [Needs("free")], Hosts = [], Secrets = [], SyscallProfile = "default", SyscallAdditions = [], Limits = new Limits() };
        using ClawFS.Linux.Pipe input = ClawFS.Linux.Pipe.Create(), output = ClawFS.Linux.Pipe.Create();
        using SandboxRun run = SandboxRun.Start([ClawExec.Path], SandboxPlan.From(before, Request(null, "sh")), new SandboxStreams(input.Reader, output.Writer, null));
        output.Writer.Dispose();
        using StreamReader lines = new(new FileStream(output.Reader, FileAccess.Read, bufferSize: 0));
        Assert.Equal("free", Ask());
        AmendmentResult result = new SandboxAmendment(before).Apply([ClawExec.Path], run, after);
        Assert.Contains(result.Paths, path => path.Path == Tool("free") && path.Error == ClawFS.Linux.Errno.Ok);
        Assert.Equal("no", Ask());

        string Ask()
        {
            ClawFS.Linux.Pipe.Write(input.Writer, System.Text.Encoding.UTF8.GetBytes($"{Tool("free")} 2>/dev/null || echo no\n"));
            return lines.ReadLine() ?? "";
        }
    }
}
