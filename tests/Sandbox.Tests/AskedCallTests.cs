using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Asking;
using ClawOS.Security.Seccomp;

namespace Sandbox.Tests;

/// <summary>System calls that wait for a yes, in a real sandbox whose filter tells mkdir.</summary>
public sealed class AskedCallTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly Box box = new();
    private readonly Pipe input = Pipe.Create(), output = Pipe.Create();
    private readonly BlockingCollection<(AskedCall Call, CancellationToken Gone, TaskCompletionSource Done)> asked = [];
    private readonly SandboxRun run;
    private readonly AskedCalls calls;
    private readonly StreamReader lines;

    public AskedCallTests()
    {
        string name = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "mkdirat" : "mkdir";
        SeccompProfile profile = SeccompProfile.Parse($$"""
            {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["{{(name == "mkdir" ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64")}}"],
             "syscalls": [{"comment": "asked", "names": ["{{name}}"], "action": "SCMP_ACT_NOTIFY"}]}
            """, "asking");
        SandboxPlan plan = SandboxPlan.From(box.Policy(), new SandboxRequest { Command = ["sh"], Folder = box.Workspace, Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin" }, Profile = profile, IsSupervised = true });
        run = SandboxRun.Start([ClawExec.Path], plan, new SandboxStreams(input.Reader, output.Writer, null));
        calls = AskedCalls.Start(run, (call, gone) =>
        {
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            asked.Add((call, gone, done));
            return done.Task;
        });
        output.Writer.Dispose();
        lines = new StreamReader(new FileStream(output.Reader, FileAccess.Read, bufferSize: 0));
    }

    public void Dispose()
    {
        calls.Dispose();
        run.Signal(9);
        run.Dispose();
        input.Dispose();
        lines.Dispose();
        box.Dispose();
    }

    private (AskedCall Call, CancellationToken Gone, TaskCompletionSource Done) Next()
    {
        Assert.True(asked.TryTake(out (AskedCall, CancellationToken, TaskCompletionSource) next, Limit), "no call was told");
        return next;
    }

    private string Ask(string command)
    {
        Pipe.Write(input.Writer, Encoding.UTF8.GetBytes(command + "\n"));
        return lines.ReadLine() ?? "";
    }

    [Fact]
    public void A_yes_makes_the_call_and_its_card_has_what_made_it()
    {
        Assert.Equal("here", Ask("mkdir a & echo here"));
        (AskedCall call, CancellationToken gone, TaskCompletionSource done) = Next();
        Assert.Equal(("mkdir", "mkdir", "/usr/bin/mkdir"), (call.Name[..5], call.ProcessName, call.Program));
        Assert.Equal(6, call.Registers.Count);
        Assert.False(Directory.Exists(Path.Combine(box.Workspace, "a")));
        Assert.False(gone.IsCancellationRequested);
        Assert.True(call.Let());
        Assert.False(call.Let());
        done.SetResult();
        Assert.Equal("made", Ask("wait; [ -d a ] && echo made"));
    }

    [Fact]
    public void What_is_not_let_pass_fails_and_calls_wait_apart_from_each_other()
    {
        Assert.Equal("here", Ask("(mkdir a || echo no > a.no) 2>/dev/null & (mkdir b || echo no > b.no) 2>/dev/null & echo here"));
        (AskedCall first, _, TaskCompletionSource firstDone) = Next();
        (AskedCall second, _, TaskCompletionSource secondDone) = Next();
        Assert.NotEqual(first.ThreadId, second.ThreadId);
        secondDone.SetResult(); // No yes.
        Assert.True(SpinWait.SpinUntil(() => Directory.GetFiles(box.Workspace, "*.no").Length == 1, Limit), "the second call did not fail");
        Assert.True(first.Let());
        firstDone.SetResult();
        Assert.Equal("1", Ask("wait; ls -d a b 2>/dev/null | wc -l"));
    }

    [Fact]
    public void A_caller_that_is_killed_withdraws_its_call()
    {
        Assert.Equal("here", Ask("timeout -s KILL 0.3 mkdir a & echo here"));
        (AskedCall call, CancellationToken gone, TaskCompletionSource done) = Next();
        Assert.True(gone.WaitHandle.WaitOne(Limit), "the call of a dead process still waits");
        Assert.False(call.Let());
        done.SetResult();
        Assert.Equal("none", Ask("wait; [ -d a ] || echo none"));
    }

    [Fact]
    public void The_end_of_the_sandbox_withdraws_what_waits()
    {
        Assert.Equal("here", Ask("mkdir a & echo here"));
        (_, CancellationToken gone, TaskCompletionSource done) = Next();
        run.Signal(9);
        Assert.True(gone.WaitHandle.WaitOne(Limit), "the call of a dead sandbox still waits");
        done.SetResult();
    }

    [Fact]
    public void A_sandbox_in_which_a_call_waits_is_amended()
    {
        Assert.Equal("here", Ask("mkdir a 2>/dev/null & echo here"));
        (AskedCall call, _, TaskCompletionSource done) = Next();
        EffectivePolicy before = box.Policy();
        EffectivePolicy after = new() { Name = "test", Paths = [Box.Tree("/usr", PathAccess.Read | PathAccess.Execute), Box.Tree(box.Workspace, PathAccess.Read)], Commands = [], Hosts = [], Secrets = [], SyscallProfile = "default", SyscallAdditions = [], Limits = new Limits() };
        AmendmentResult result = new SandboxAmendment(before).Apply([ClawExec.Path], run, after);
        Assert.Contains(result.Paths, path => path.Path == box.Workspace && path.Error == Errno.Ok);
        Assert.True(call.Let());
        done.SetResult();
        Assert.Equal("none", Ask("wait; [ -d a ] || echo none")); // Let pass, and refused by the view as it is now.
    }

    [Fact]
    public void Where_nobody_answers_such_calls_are_refused_and_that_is_said()
    {
        EffectivePolicy asking = new() { Name = "test", Paths = box.Policy().Paths, Commands = [], Hosts = [], Secrets = [], SyscallProfile = "default", SyscallAdditions = [], SyscallsAsked = ["mkdir", "mkdirat"], Limits = new Limits() };
        SandboxRequest request = new() { Command = ["sh", "-c", "mkdir a 2>/dev/null || echo no"], Folder = box.Workspace };
        SandboxPlan plan = SandboxPlan.From(asking, request);
        Assert.False(plan.IsSupervised);
        Assert.Contains(plan.Notes, static note => note.Contains("mkdir, mkdirat", StringComparison.Ordinal));
        Assert.Equal("no", box.Run(plan).Must());
        Assert.True(SandboxPlan.From(asking, new SandboxRequest { Command = request.Command, Folder = box.Workspace, AnswersCalls = true }).IsSupervised);
    }
}
