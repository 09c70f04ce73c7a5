using ClawOS.Security.Guard;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Guard.Tests.Approvals;

public sealed class BoundCommandTests : IDisposable
{
    private static readonly SourceLine Here = new("test.toml", 1);
    private readonly string folder = Directory.CreateTempSubdirectory("claw-bound-").FullName;

    private string Program => Path.Combine(folder, "bin", "tool");

    private string Link => Path.Combine(folder, "links", "tool");

    public BoundCommandTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "bin"));
        Directory.CreateDirectory(Path.Combine(folder, "links"));
        File.WriteAllText(Program, "#!/bin/sh\necho one\n");
        File.WriteAllText(Program + "2", "#!/bin/sh\necho two\n");
        File.CreateSymbolicLink(Link, Program);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private EffectivePolicy Policy(string profile = "default", params PathRule[] paths) => new()
    {
        Name = "p",
        Paths = [new PathRule("/usr", IsTree: true, PathAccess.Read | PathAccess.Execute, IsDenied: false, Here), .. paths],
        Commands = [Command(Program), Command(Program + "2")],
        Hosts = [],
        Secrets = [],
        SyscallProfile = profile,
        SyscallAdditions = [],
        Limits = new Limits(),
    };

    private static CommandRule Command(string path) => new(path, null, [], Here, NeedsApproval: true);

    private ApprovedLaunch? Launch(EffectivePolicy policy, params string[] words) =>
        SandboxPlan.ApprovalFor(policy, new SandboxRequest { Command = [Link, .. words], Folder = folder });

    private (BoundCommand Bound, Func<string?> Change) Bind()
    {
        EffectivePolicy policy = Policy();
        BoundCommand bound = BoundCommand.Bind(policy, Launch(policy, "a")!, folder, folder);
        return (bound, () => bound.ChangeSince(Policy(), Launch(Policy(), "a")));
    }

    [Fact]
    public void What_stays_is_unchanged_and_named_by_what_links_lead_to()
    {
        (BoundCommand bound, Func<string?> change) = Bind();
        Assert.Null(change());
        Assert.Equal(Program, bound.Launch.Program);
        Assert.Equal([Program, "a"], bound.Launch.Command); // Whatever name it was called by: many a program does another thing under another one.
    }

    [Fact]
    public void A_file_that_is_written_in_place_has_changed_even_with_its_old_size_and_time()
    {
        (_, Func<string?> change) = Bind();
        DateTime time = File.GetLastWriteTimeUtc(Program);
        File.WriteAllText(Program, "#!/bin/sh\necho oen\n");
        File.SetLastWriteTimeUtc(Program, time);
        Assert.Contains("written to", change(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_touched_has_changed()
    {
        (_, Func<string?> change) = Bind();
        File.SetLastWriteTimeUtc(Program, DateTime.UtcNow.AddSeconds(5));
        Assert.Contains("written to", change(), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_file_in_its_place_has_changed_even_with_the_same_content()
    {
        (_, Func<string?> change) = Bind();
        DateTime time = File.GetLastWriteTimeUtc(Program);
        File.WriteAllText(Program + ".new", File.ReadAllText(Program));
        File.SetLastWriteTimeUtc(Program + ".new", time);
        File.Move(Program + ".new", Program, overwrite: true);
        Assert.Contains("another file", change(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_elsewhere_has_changed()
    {
        (_, Func<string?> change) = Bind();
        File.Delete(Link);
        File.CreateSymbolicLink(Link, Program + "2");
        Assert.Contains("another program", change(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_gone_has_changed()
    {
        (BoundCommand bound, _) = Bind();
        File.Delete(Program);
        Assert.Contains("cannot be looked at", bound.ChangeSince(Policy(), bound.Launch), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_words_another_policy_and_no_need_any_more_are_changes()
    {
        (BoundCommand bound, _) = Bind();
        Assert.NotNull(bound.ChangeSince(Policy(), Launch(Policy(), "a b")));
        Assert.NotNull(bound.ChangeSince(Policy(), Launch(Policy(), "a", "")));
        Assert.NotNull(bound.ChangeSince(Policy("tool-default"), Launch(Policy("tool-default"), "a")));
        Assert.NotNull(bound.ChangeSince(Policy(), null));
        Assert.Null(bound.ChangeSince(Policy(), Launch(Policy(), "a")));
    }

    [Theory]
    [InlineData("bin/tool", false)]
    [InlineData("bin", true)]
    [InlineData("", true)]
    public void Nobody_is_asked_about_a_file_that_the_sandbox_could_exchange(string below, bool isTree)
    {
        PathRule rule = new(Path.Combine(folder, below).TrimEnd('/'), isTree, PathAccess.Write, IsDenied: false, Here);
        Assert.Contains("be written", Assert.Throws<SandboxRefusedException>(() => Launch(Policy("default", rule))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_whose_interpreter_the_sandbox_could_exchange_is_none_to_ask_about()
    {
        string interpreter = Path.Combine(folder, "links", "interpreter");
        File.Copy("/bin/sh", interpreter);
        File.WriteAllText(Program, $"#!{interpreter}\n");
        PathRule[] rules = [new PathRule(Path.Combine(folder, "links"), IsTree: true, PathAccess.Read | PathAccess.Execute, IsDenied: false, Here), new PathRule(Path.Combine(folder, "links"), IsTree: true, PathAccess.Write, IsDenied: false, Here)];
        EffectivePolicy narrow = Policy("default", rules[0]), wide = Policy("default", rules);
        Assert.NotNull(Launch(narrow));
        Assert.Contains(interpreter, Assert.Throws<SandboxRefusedException>(() => Launch(wide)).Message, StringComparison.Ordinal);
    }

    /// <summary>A large file takes a while to be read: whoever exchanges it meanwhile (a sandbox of another policy may) has not been said yes to.</summary>
    [Fact]
    public async Task A_file_that_is_exchanged_while_it_is_read_has_changed()
    {
        const long Large = 900L << 20;
        File.WriteAllText(Program, "#!/bin/sh\n");
        using (FileStream sparse = File.OpenWrite(Program))
        {
            sparse.SetLength(Large);
        }

        (_, Func<string?> change) = Bind();
        Task<string?> looking = Task.Run(change, TestContext.Current.CancellationToken);
        GuardBed.Until(() => looking.IsCompleted || Directory.GetFiles("/proc/self/fd").Any(link => new FileInfo(link).LinkTarget == Program), "the file to be opened");
        File.Move(Program + "2", Program, overwrite: true);
        Assert.NotNull(await looking);
    }

    [Fact]
    public void What_is_no_ordinary_file_is_refused()
    {
        EffectivePolicy policy = Policy();
        ApprovedLaunch launch = Launch(policy)!;
        Assert.Throws<SandboxRefusedException>(() => BoundCommand.Bind(policy, launch with { Program = folder }, folder, folder));
        Assert.Throws<SandboxRefusedException>(() => BoundCommand.Bind(policy, launch with { Program = "/dev/null" }, folder, folder));
        Assert.Throws<SandboxRefusedException>(() => BoundCommand.Bind(policy, launch with { Program = folder + "/none" }, folder, folder));
    }
}
