using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Learning;
using ClawOS.Security.Seccomp;

namespace Sandbox.Tests;

/// <summary>Watching a command, what is proposed from that, and the command under the proposal.</summary>
public sealed class LearnTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/tmp", ["LANG"] = "C.UTF-8" };

    [Theory]
    [InlineData("ls", "-l", "/usr/share")]
    [InlineData("sh", "-c", "cat input | sort > output && mkdir -p a/b && mv output a/b/c && wc -c a/b/c")]
    [InlineData("/usr/bin/python3", "-IS", "-c", "import json, os; json.dump([1], open('new.json', 'w')); os.rename('new.json', 'kept.json'); print(open('input').read())")]
    [InlineData("git", "init", "-q", "repository")]
    [InlineData("tar", "-cf", "all.tar", "input")]
    public void A_command_succeeds_under_what_was_learned_from_it(params string[] command)
    {
        NeedsProgram(command[0]);
        using Box box = new();
        File.WriteAllText(Path.Combine(box.Workspace, "input"), "b\na\n");
        PolicyLearning learning = new(box.Workspace, null);
        (SandboxResult watched, string told) = Run(output => learning.Watch([ClawExec.Path], Request(box, command), output));
        Assert.True(watched is { Reason: SandboxEnd.Exited, ExitCode: 0 }, $"{watched}\n{told}");
        LearnedPolicy learned = learning.Propose("learned");
        foreach (string entry in Directory.GetFileSystemEntries(box.Workspace).Where(entry => Path.GetFileName(entry) != "input"))
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }

        (SandboxResult replayed, string again) = Run(output => PolicyLearning.Replay([ClawExec.Path], Request(box, command), output, learned));
        Assert.True(replayed is { Reason: SandboxEnd.Exited, ExitCode: 0 }, $"{replayed}\n{again}\n{learned.Text}");
        Assert.Equal(told, again);

        // The proposal is the file that it says it is, and far from everything.
        Assert.Empty(PolicySet.Shipped.With([("learned.toml", PolicyFile.Parse(learned.Text, "learned.toml"))]).Compile("learned", new CompileOptions { Workspace = box.Workspace }).Errors);
        Explainer explainer = new(learned.Policy);
        Assert.Equal(Verdict.Denied, explainer.Explain("open-read /etc/shadow").Verdict);
        Assert.Equal(Verdict.Denied, explainer.Explain("open-write /usr/bin/env").Verdict);
        Assert.Equal(Verdict.Denied, explainer.Explain("exec /usr/bin/ssh").Verdict);
        Assert.InRange(learned.AllowedCalls, 20, 120);
    }

    [Theory]
    [InlineData("ls", "-l", "/usr/share")]
    [InlineData("sh", "-c", "cat input | sort > output && mkdir -p a/b && mv output a/b/c && wc -c a/b/c && rm -r a")]
    [InlineData("/usr/bin/python3", "-IS", "-c", "import os, subprocess; print(subprocess.run(['ls'], capture_output=True).stdout)")]
    public void A_policy_can_name_the_calls_that_were_learned_and_is_as_narrow_as_the_smallest_profile(params string[] command)
    {
        NeedsProgram(command[0]);
        using Box box = new();
        File.WriteAllText(Path.Combine(box.Workspace, "input"), "b\na\n");
        PolicyLearning learning = new(box.Workspace, null);
        (SandboxResult watched, string told) = Run(output => learning.Watch([ClawExec.Path], Request(box, command), output));
        Assert.True(watched is { Reason: SandboxEnd.Exited, ExitCode: 0 }, $"{watched}\n{told}");
        LearnedPolicy learned = learning.Propose("learned", withCalls: true);
        Assert.Equal(learned.AllowedCalls, learned.Policy.SyscallsOnly!.Count);
        Assert.Equal(SyscallFilter.Of(learned.Profile).Length, SyscallFilter.Of(learned.Policy, isSupervised: false).Length);
        (SandboxResult replayed, string again) = Run(output => SandboxRun.Run([ClawExec.Path], SandboxPlan.From(learned.Policy, Request(box, command)), output));
        Assert.True(replayed is { Reason: SandboxEnd.Exited, ExitCode: 0 }, $"{replayed}\n{again}\n{learned.Text}");
        Assert.Equal(told, again);

        // kill(2) is of the profile, and was not seen.
        Explanation kill = new Explainer(learned.Policy).Explain("syscall kill");
        Assert.Equal((Verdict.Denied, true), (kill.Verdict, kill.Source is not null));
    }

    [Fact]
    public void A_call_that_was_not_seen_is_refused_by_the_policy_that_names_those_that_were()
    {
        using Box box = new();
        PolicyLearning learning = new(box.Workspace, null);
        Assert.Equal(0, Run(output => learning.Watch([ClawExec.Path], Request(box, "sh", "-c", "echo on 2> /dev/null"), output)).Result.ExitCode);
        foreach ((bool withCalls, string expected) in ((bool, string)[])[(false, "may"), (true, "may not")])
        {
            EffectivePolicy policy = learning.Propose("learned", withCalls).Policy;
            (SandboxResult result, string told) = Run(output => SandboxRun.Run([ClawExec.Path], SandboxPlan.From(policy, Request(box, "sh", "-c", "if kill -0 $$ 2> /dev/null; then echo may; else echo may not; fi")), output));
            Assert.True(expected == told.Trim(), $"{result}: {told}\n{policy.SyscallProfile}");
        }
    }

    [Fact]
    public void What_a_base_policy_asks_leaves_out_and_ends_is_in_the_proposal()
    {
        using Box box = new();
        string text = $"on_revoke = \"kill\"\n[paths]\nread = [\"/usr/**\", \"/lib/**\", \"/lib64/**\", \"/bin/**\", \"/etc/ld.so.cache\", \"$WORKSPACE/**\"]\nexecute = [\"/usr/**\", \"/lib/**\", \"/lib64/**\", \"/bin/**\"]\n[syscalls]\nprofile = \"default\"\nonly = [{string.Join(", ", ShippedProfiles.Load("default").Allowed(RuntimeInformation.ProcessArchitecture).Except(["kill"]).Select(name => $"\"{name}\""))}]\nask = [\"umask\"]\n";
        EffectivePolicy within = PolicySet.Empty.With([("base.toml", PolicyFile.Parse(text, "base.toml"))]).Compile("base", new CompileOptions { Workspace = box.Workspace }).Policy!;
        PolicyLearning learning = new(box.Workspace, within);
        Run(output => learning.Watch([ClawExec.Path], Request(box, "sh", "-c", "kill -0 $$; umask 077; echo on"), output));
        EffectivePolicy learned = learning.Propose("narrow").Policy;
        Assert.True(learned.IsKilledOnRevoke);
        Assert.Equal(["umask"], learned.SyscallsAsked);
        Assert.Empty(learned.SyscallsOnly!.Except(within.SyscallsOnly!));
        Assert.InRange(learned.SyscallsOnly!.Count, 20, 120);
    }

    [Fact]
    public void What_the_recorded_run_did_not_do_fails_under_the_proposal()
    {
        using Box box = new();
        PolicyLearning learning = new(box.Workspace, null);
        Assert.Equal(0, Run(output => learning.Watch([ClawExec.Path], Request(box, "sh", "-c", "echo x > made"), output)).Result.ExitCode);
        LearnedPolicy learned = learning.Propose("learned");
        Assert.NotEqual(0, Run(output => PolicyLearning.Replay([ClawExec.Path], Request(box, "sh", "-c", "read line < /etc/hostname"), output, learned)).Result.ExitCode);
        Assert.NotEqual(0, Run(output => PolicyLearning.Replay([ClawExec.Path], Request(box, "sh", "-c", "exec /usr/bin/env"), output, learned)).Result.ExitCode);
    }

    [Fact]
    public void Several_runs_come_together_and_outlive_the_process()
    {
        using Box box = new();
        PolicyLearning first = new(box.Workspace, null), second = new(box.Workspace, null);
        Run(output => first.Watch([ClawExec.Path], Request(box, "sh", "-c", "read line < /etc/hostname"), output));
        Run(output => second.Watch([ClawExec.Path], Request(box, "sh", "-c", "read line < /etc/hosts"), output));
        second.Merge(first.Save());
        Explainer explainer = new(second.Propose("both").Policy);
        Assert.Equal(Verdict.Allowed, explainer.Explain("open-read /etc/hostname").Verdict);
        Assert.Equal(Verdict.Allowed, explainer.Explain("open-read /etc/hosts").Verdict);
        Assert.Throws<FormatException>(() => second.Merge("[]"));
        Assert.Throws<FormatException>(() => second.Merge("{ \"version\": 1 }"));
    }

    [Fact]
    public void A_base_policy_holds_while_learning_and_nothing_beyond_it_is_proposed()
    {
        using Box box = new();
        box.Rules.Add(Box.Denied($"{box.Workspace}/private"));
        Directory.CreateDirectory(Path.Combine(box.Workspace, "private"));
        PolicyLearning learning = new(box.Workspace, box.Policy());
        (_, string told) = Run(output => learning.Watch([ClawExec.Path], Request(box, "sh", "-c", "ls /etc/hostname; ls > list; true > private/x; unshare -U true; echo end"), output));
        Assert.Contains("end", told, StringComparison.Ordinal);
        Assert.Contains("/etc/hostname", told, StringComparison.Ordinal);
        Assert.Contains("unshare", told, StringComparison.Ordinal);
        LearnedPolicy learned = learning.Propose("narrow");
        Explainer explainer = new(learned.Policy);
        Assert.Equal(Verdict.Denied, explainer.Explain("open-read /etc/hostname").Verdict);
        Assert.Equal(Verdict.Allowed, explainer.Explain($"open-write {box.Workspace}/list").Verdict);
        Assert.Equal(Verdict.Denied, explainer.Explain($"open-write {box.Workspace}/private/x").Verdict);
        Assert.DoesNotContain("unshare", learned.Policy.SyscallAdditions);
    }

    [Fact]
    public void A_connection_is_recorded_as_it_is_tried()
    {
        NeedsProgram("/usr/bin/python3");
        using Box box = new();
        PolicyLearning learning = new(box.Workspace, null);
        Run(output => learning.Watch([ClawExec.Path], Request(box, "/usr/bin/python3", "-IS", "-c", "import socket; socket.socket().connect_ex(('192.0.2.7', 8443))"), output));
        HostRule host = Assert.Single(learning.Propose("connects").Policy.Hosts);
        Assert.Equal(("192.0.2.7", 8443), (host.Host, Assert.Single(host.Ports)));
    }

    [Fact]
    public void An_audited_command_is_not_stopped_and_each_denial_is_told()
    {
        using Box box = new();
        AuditRun audit = new(box.Policy(), box.Workspace);
        (SandboxResult result, string told) = Run(output => audit.Run([ClawExec.Path], Request(box, "sh", "-c", "cat /etc/hostname /etc/hostname; echo x > file; cat file"), output));
        Assert.Equal((SandboxEnd.Exited, 0), (result.Reason, result.ExitCode));
        string name = File.ReadAllText("/etc/hostname");
        Assert.Equal(name + name + "x\n", told);
        AuditedAct act = Assert.Single(audit.Denied, act => act.Question == "open-read /etc/hostname");
        Assert.Equal((2, Layers.View | Layers.Landlock), (act.Count, act.Answer.Layers));
        Assert.DoesNotContain(audit.Denied, act => act.Question.Contains(box.Workspace, StringComparison.Ordinal));
    }

    [Fact]
    public void A_start_that_fails_is_told_and_nobody_waits()
    {
        using Box box = new();
        File.WriteAllText(Path.Combine(box.Workspace, "broken"), "#!/no/such/program\n");
        File.SetUnixFileMode(Path.Combine(box.Workspace, "broken"), (UnixFileMode)0b111_101_101);
        PolicyLearning learning = new(box.Workspace, null);
        SandboxResult result = Run(output => learning.Watch([ClawExec.Path], Request(box, Path.Combine(box.Workspace, "broken")), output)).Result;
        Assert.Equal((SandboxEnd.Refused, LaunchStep.Execute, Errno.ENOENT), (result.Reason, result.Step, result.Error));
    }

    private static SandboxRequest Request(Box box, params string[] command) => new() { Command = command, Folder = box.Workspace, Environment = Variables };

    private static (SandboxResult Result, string Text) Run(Func<SandboxStreams, SandboxResult> run)
    {
        using Pipe output = Pipe.Create();
        Task<string> text = Task.Run(() => output.ReadToEnd(1 << 20));
        SandboxResult result = run(new SandboxStreams(null, output.Writer, null));
        output.Writer.Dispose();
        return (result, text.GetAwaiter().GetResult());
    }

    private static void NeedsProgram(string name)
    {
        if (!Variables["PATH"].Split(':').Any(folder => File.Exists(Path.Combine(folder, name))))
            Assert.Skip($"needs {name}: apt-get install {Path.GetFileName(name)}");
    }
}
