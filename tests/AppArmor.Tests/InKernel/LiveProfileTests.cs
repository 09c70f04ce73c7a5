using System.Diagnostics;
using System.Globalization;
using System.Text;
using ClawFS.Linux;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace AppArmor.Tests.InKernel;

/// <summary>A sandbox in the profile of its policy, as claw run and guard start it: patterns grant and deny, and follow the policy while it runs.</summary>
public sealed class LiveProfileTests : IDisposable
{
    private const string Name = "live";
    // Not in /tmp, which is every sandbox's own.
    private readonly string workspace = $"/srv/claw-live-{Guid.NewGuid():N}";
    private readonly ITestOutputHelper output;
    private readonly ProfilePool pool;

    public LiveProfileTests(ITestOutputHelper output)
    {
        this.output = output;
        if (ProfilePool.WhyNot() is { } reason)
            Assert.Skip(reason);
        pool = ProfilePool.TryOpen()!;
        _ = Directory.CreateDirectory(workspace);
        foreach (string file in (string[])["a.txt", "b.md", "c.key"])
            File.WriteAllText(Path.Combine(workspace, file), $"in {file}\n");
    }

    [Fact]
    public void A_pattern_grants_what_it_matches_and_nothing_beside_it()
    {
        using Session session = Start(Text("read", "$WORKSPACE/*.txt"));
        Assert.Equal("in a.txt", session.Ask($"cat {workspace}/a.txt"));
        Assert.Contains("Permission denied", session.Ask($"cat {workspace}/b.md"), StringComparison.Ordinal);
        Assert.Contains("Read-only", session.Ask($"echo x > {workspace}/a.txt"), StringComparison.Ordinal); // The view: nothing there may be written.
        Assert.Contains("Permission denied", session.Ask($"ls {workspace}"), StringComparison.Ordinal);
    }

    /// <summary>There the profile allows everything, and so could not narrow what the view would have to show.</summary>
    [Fact]
    public void A_pattern_in_the_scratch_folder_grants_nothing()
    {
        string folder = Directory.CreateTempSubdirectory("claw-live-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a.txt"), "");
            using Session session = Start(Text("read", $"{folder}/*.txt"));
            Assert.Contains("No such file", session.Ask($"cat {folder}/a.txt"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_changed_pattern_holds_in_what_runs()
    {
        using Session session = Start(Text("read", "$WORKSPACE/*.txt"));
        Assert.Equal("in a.txt", session.Ask($"cat {workspace}/a.txt"));
        IReadOnlyList<string> lines = Follow(session, Text("read", "$WORKSPACE/*.md"));
        Assert.Contains(lines, line => line.StartsWith("AppArmor: ", StringComparison.Ordinal));
        Assert.Contains("Permission denied", session.Ask($"cat {workspace}/a.txt"), StringComparison.Ordinal);
        Assert.Equal("in b.md", session.Ask($"cat {workspace}/b.md"));
        Assert.Empty(Follow(session, Text("read", "$WORKSPACE/*.md")));
    }

    /// <summary>What the launch gave as a tree may shrink to a pattern, which no other layer can do while it runs.</summary>
    [Fact]
    public void A_tree_shrinks_to_a_pattern_and_a_denied_pattern_takes_files_away()
    {
        using Session session = Start(Text("read", "$WORKSPACE/**"));
        Assert.Equal("in c.key", session.Ask($"cat {workspace}/c.key"));
        _ = Follow(session, Text("read", "$WORKSPACE/**") + "deny = [\"$WORKSPACE/*.key\"]\n");
        Assert.Contains("Permission denied", session.Ask($"cat {workspace}/c.key"), StringComparison.Ordinal);
        Assert.Equal("in a.txt", session.Ask($"cat {workspace}/a.txt"));
        _ = Follow(session, Text("read", "$WORKSPACE/*.md"));
        Assert.Contains("Permission denied", session.Ask($"cat {workspace}/a.txt"), StringComparison.Ordinal);
        Assert.Equal("in b.md", session.Ask($"cat {workspace}/b.md"));
    }

    /// <summary>A pattern that no automaton can hold is not taken away, and on_revoke says what then.</summary>
    [Theory]
    [InlineData("kill")]
    [InlineData("keep")]
    public void Who_keeps_what_only_a_profile_could_take_away_is_ended_where_the_policy_says_so(string revoke)
    {
        string policy = $"on_revoke = \"{revoke}\"\n" + Text("read", "$WORKSPACE/**");
        Session session = Start(policy);
        IReadOnlyList<string> lines = Follow(session, $"{policy}deny = [\"/**/*a{new string('?', 24)}\"]\n");
        Assert.Contains(lines, line => line.Contains("is not changed", StringComparison.Ordinal));
        Assert.Equal(revoke == "kill", session.Sandbox.EndedBecause is not null);
        if (revoke == "keep")
            Assert.Equal("in a.txt", session.Ask($"cat {workspace}/a.txt"));
        session.Dispose();
    }

    [Fact]
    public void A_denied_file_that_is_not_there_cannot_be_made_and_nothing_is_missing()
    {
        using Session session = Start(Text("read", "$WORKSPACE/**") + "write = [\"$WORKSPACE/**\"]\ndeny = [\"$WORKSPACE/later\", \"$WORKSPACE/.git/config\"]\n[syscalls]\nprofile = \"default\"\n");
        Assert.DoesNotContain(session.Missing, line => line.Contains("later", StringComparison.Ordinal));
        Assert.Contains("Permission denied", session.Ask($"echo x > {workspace}/later"), StringComparison.Ordinal);
        Assert.Equal("", session.Ask($"echo x > {workspace}/other"));

        // Nor by the name of its folder: made, brought there, or led elsewhere by a link.
        Assert.Contains("Permission denied", session.Ask($"mkdir {workspace}/.git"), StringComparison.Ordinal);
        Assert.Equal("", session.Ask($"mkdir {workspace}/ready; echo x > {workspace}/ready/config"));
        Assert.Contains("Permission denied", session.Ask($"mv {workspace}/ready {workspace}/.git"), StringComparison.Ordinal);
        Assert.EndsWith("Permission denied", session.Ask($"ln -s ready {workspace}/.git"), StringComparison.Ordinal);
        Assert.False(Path.Exists($"{workspace}/.git"));
    }

    /// <summary>Made from outside, after the view was laid out, so that nothing of it is a mount point.</summary>
    [Fact]
    public void The_folder_of_what_is_denied_keeps_its_name_when_it_comes_later()
    {
        using Session session = Start(Text("read", "$WORKSPACE/**") + "write = [\"$WORKSPACE/**\"]\ndeny_write = [\"$WORKSPACE/.git/config\"]\n");
        _ = Directory.CreateDirectory($"{workspace}/.git");
        File.WriteAllText($"{workspace}/.git/config", "as it was");
        Assert.Contains("Permission denied", session.Ask($"mv {workspace}/.git {workspace}/away"), StringComparison.Ordinal);
        Assert.Contains("Permission denied", session.Ask($"echo x > {workspace}/.git/config"), StringComparison.Ordinal);
        Assert.Equal("as it was", session.Ask($"echo x > {workspace}/.git/index; cat {workspace}/.git/config"));
    }

    [Fact]
    public void A_program_that_a_pattern_lets_execute_can_be_launched()
    {
        File.Copy("/usr/bin/cat", Path.Combine(workspace, "tool.bin"));
        File.Copy("/usr/bin/cat", Path.Combine(workspace, "tool.other"));
        string policy = Text("execute", "$WORKSPACE/*.bin\", \"/usr/**") + $"read = [\"/usr/**\", \"/etc/ld.so.cache\"]\n";
        using Session session = Start(policy, $"{workspace}/tool.bin");
        Assert.Contains("does not let", Assert.Throws<SandboxRefusedException>(() => Start(policy, $"{workspace}/tool.other")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_goes_with_its_sandbox()
    {
        AppArmorLoader loader = new();
        string name;
        using (Session session = Start(Text("read", "$WORKSPACE/**")))
        {
            name = session.Profile;
            Assert.Equal("enforce", loader.Loaded()[name]);
            Assert.Equal($"{name} (enforce)", session.Ask("cat /proc/self/attr/current"));
        }

        Assert.DoesNotContain(name, loader.Loaded().Keys);
    }

    public void Dispose()
    {
        pool.Dispose();
        Directory.Delete(workspace, recursive: true);
    }

    private static string Text(string key, string path) =>
        key == "execute" ? $"[paths]\nexecute = [\"{path}\"]\n" : $"[paths]\nexecute = [\"/usr/**\"]\nread = [\"/usr/**\", \"/etc/ld.so.cache\", \"{path}\"]\n";

    private static LivePolicies Live(ulong version, string text) => new(new PolicyFiles(version, ClawOS.Security.GuardLink.PolicyMode.Enforce, [(Name + ".toml", text)]));

    private IReadOnlyList<string> Follow(Session session, string text)
    {
        long began = Stopwatch.GetTimestamp();
        IReadOnlyList<string> lines = session.Sandbox.Follow(Live(2, text));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"changed in {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms: {string.Join("; ", lines)}"));
        return lines;
    }

    private Session Start(string text, string program = "/usr/bin/bash")
    {
        (EffectivePolicy? policy, string reason) = Live(1, text).Compile(Name, workspace, appArmor: true);
        Assert.True(policy is not null, reason);
        return new Session(pool, policy, workspace, program);
    }

    /// <summary>A shell in a sandbox that answers one line at a time.</summary>
    private sealed class Session : IDisposable
    {
        private const string End = "--end--";
        private readonly LoadedProfile profile;
        private readonly SandboxGroup group;
        private readonly SandboxRun run;
        private readonly Pipe input = Pipe.Create(), output = Pipe.Create();

        internal Session(ProfilePool pool, EffectivePolicy policy, string workspace, string program)
        {
            profile = pool.Take(policy);
            group = SandboxGroup.Make(policy.Limits);
            try
            {
                SandboxPlan plan = SandboxPlan.From(policy, new SandboxRequest
                {
                    Command = [program],
                    Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin", ["LC_ALL"] = "C" },
                    AppArmorProfile = profile.Name,
                    Group = group,
                });
                Missing = plan.Missing;
                string launcher = Environment.GetEnvironmentVariable("CLAW_EXEC") ?? throw new InvalidOperationException("CLAW_EXEC names claw-exec");
                run = SandboxRun.Start([launcher], plan, new SandboxStreams(input.Reader, output.Writer, null));
                Sandbox = new LiveSandbox(Name, workspace, policy, run, group, launcher, profile);
            }
            catch
            {
                profile.Dispose();
                group.Dispose();
                throw;
            }

            input.Reader.Dispose();
            output.Writer.Dispose();
        }

        internal IReadOnlyList<string> Missing { get; }

        internal LiveSandbox Sandbox { get; }

        internal string Profile => profile.Name;

        internal string Ask(string line)
        {
            Pipe.Write(input.Writer, Encoding.UTF8.GetBytes($"{{ {line}; }} 2>&1; echo {End}\n"));
            StringBuilder text = new();
            byte[] one = new byte[1];
            while (!text.ToString().EndsWith(End + "\n", StringComparison.Ordinal))
            {
                Assert.True(Pipe.ReadToEnd(output.Reader, one) == 1, $"the shell ended after: {text}");
                _ = text.Append((char)one[0]);
            }

            return text.ToString()[..^(End.Length + 1)].TrimEnd('\n');
        }

        public void Dispose()
        {
            input.Dispose();
            _ = run.WaitForEnd();
            output.Dispose();
            run.Dispose();
            group.Dispose();
            profile.Dispose();
        }
    }
}
