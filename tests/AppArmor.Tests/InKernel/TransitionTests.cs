using ClawFS.Linux;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace AppArmor.Tests.InKernel;

/// <summary>claw-exec enters a profile that the kernel has loaded. Skipped where it has no AppArmor; the guest of Vm.Tests has.</summary>
public sealed class TransitionTests : IDisposable
{
    private readonly string workspace = Directory.CreateTempSubdirectory("claw-box-").FullName;
    private readonly AppArmorLoader loader = new();
    private readonly List<string> loaded = [];

    public TransitionTests()
    {
        if (loader.WhyNot() is { } reason)
            Assert.Skip(reason);
        File.WriteAllText(Path.Combine(workspace, "open.txt"), "open\n");
        File.WriteAllText(Path.Combine(workspace, "secret.key"), "secret\n");
    }

    [Fact]
    public void The_command_runs_in_its_profile_and_so_does_what_it_starts()
    {
        string profile = Load(Policy());
        Assert.Equal($"{profile} (enforce)\n{profile} (enforce)", Must(profile, "cat /proc/self/attr/current; sh -c 'cat /proc/self/attr/current'"));
    }

    [Fact]
    public void A_pattern_denies_what_no_other_layer_can()
    {
        EffectivePolicy policy = Policy(Policies.Glob($"{workspace}/*.key", PathAccess.All).Deny());
        Assert.Equal("secret", Must(null, $"cat {workspace}/secret.key", policy));
        string profile = Load(policy);
        Assert.DoesNotContain(Plan(profile, "true", policy).Missing, line => line.Contains("pattern", StringComparison.Ordinal));
        Assert.Equal("open", Must(profile, $"cat {workspace}/open.txt", policy));
        Assert.Contains("Permission denied", Run(profile, $"cat {workspace}/secret.key", policy).Text, StringComparison.Ordinal);
        // Nor can one be made, or another file get such a name.
        Assert.Contains("denied", Run(profile, $"echo x > {workspace}/new.key", policy).Text, StringComparison.Ordinal);
        Assert.Contains("denied", Run(profile, $"mv {workspace}/open.txt {workspace}/open.key", policy).Text, StringComparison.Ordinal);
        Assert.Equal("", Must(profile, $"mv {workspace}/open.txt {workspace}/other.txt", policy));
    }

    [Fact]
    public void A_profile_that_is_not_loaded_stops_the_start()
    {
        SandboxResult result = Run("claw.none.000000000000", "true").Result;
        Assert.Equal((SandboxEnd.Refused, LaunchStep.AskTransition, Errno.ENOENT), (result.Reason, result.Step, result.Error));
    }

    [Fact]
    public void No_program_leaves_its_profile()
    {
        string profile = Load(Policy());
        Assert.DoesNotContain("unconfined", Run(profile, "echo 'exec unconfined' > /proc/self/attr/apparmor/exec; echo 'changeprofile unconfined' > /proc/self/attr/current; cat /proc/self/attr/current").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_is_listed_while_it_is_loaded()
    {
        string profile = Load(Policy(Policies.File("/only/here", PathAccess.Read)));
        Assert.Equal("enforce", loader.Loaded()[profile]);
        loader.Remove(profile);
        loaded.Remove(profile);
        Assert.DoesNotContain(profile, loader.Loaded().Keys);
    }

    public void Dispose()
    {
        foreach (string profile in loaded)
            loader.Remove(profile);
        Directory.Delete(workspace, recursive: true);
    }

    private EffectivePolicy Policy(params PathRule[] more) =>
        Policies.Of([Policies.Tree("/usr", PathAccess.Read | PathAccess.Execute), Policies.File("/etc/ld.so.cache", PathAccess.Read), Policies.Tree(workspace, PathAccess.Read | PathAccess.Write), .. more]);

    private string Load(EffectivePolicy policy)
    {
        ProfileText profile = ProfileText.Of(policy);
        loader.Load(Policies.Compile(profile));
        loaded.Add(profile.Name);
        return profile.Name;
    }

    private string Must(string? profile, string script, EffectivePolicy? policy = null)
    {
        (SandboxResult result, string text) = Run(profile, script, policy);
        Assert.True(result is { Reason: SandboxEnd.Exited, ExitCode: 0 }, $"{result}\n{text}");
        return text.TrimEnd('\n');
    }

    private (SandboxResult Result, string Text) Run(string? profile, string script, EffectivePolicy? policy = null)
    {
        using Pipe output = Pipe.Create();
        using SandboxRun run = SandboxRun.Start([Launcher()], Plan(profile, script, policy), new SandboxStreams(null, output.Writer, null));
        output.Writer.Dispose();
        string text = output.ReadToEnd(1 << 16);
        return (run.WaitForEnd(), text);
    }

    private SandboxPlan Plan(string? profile, string script, EffectivePolicy? policy) => SandboxPlan.From(policy ?? Policy(), new SandboxRequest
    {
        Command = ["/usr/bin/sh", "-c", script],
        Folder = workspace,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin" },
        AppArmorProfile = profile,
    });

    private static string Launcher()
    {
        string? path = Environment.GetEnvironmentVariable("CLAW_EXEC");
        if (string.IsNullOrEmpty(path) || !File.Exists(path))
            Assert.Skip("needs claw-exec: Security/Exec/publish.sh makes it, CLAW_EXEC names it");
        return path!;
    }
}
