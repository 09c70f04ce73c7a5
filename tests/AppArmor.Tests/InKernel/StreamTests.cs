using ClawFS.Linux;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using Microsoft.Win32.SafeHandles;

namespace AppArmor.Tests.InKernel;

/// <summary>What a command is handed by whoever starts it: files that its profile does not name, and a terminal.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly string elsewhere = Directory.CreateTempSubdirectory("claw-else-").FullName;
    private readonly AppArmorLoader loader = new();

    public StreamTests()
    {
        if (loader.WhyNot() is { } reason)
            Assert.Skip(reason);
    }

    [Fact]
    public void Files_that_the_profile_does_not_name_stay_open_when_they_are_handed_over()
    {
        string source = Path.Combine(elsewhere, "in"), target = Path.Combine(elsewhere, "out");
        File.WriteAllText(source, "handed over\n");
        ProfileText profile = ProfileText.Of(Policies.Of(Policies.Tree("/usr", PathAccess.Read | PathAccess.Execute)));
        loader.Load(Policies.Compile(profile));
        try
        {
            using (SafeFileHandle input = File.OpenHandle(source))
            using (SafeFileHandle output = File.OpenHandle(target, FileMode.Create, FileAccess.Write))
            {
                SandboxPlan plan = SandboxPlan.From(Policies.Of(Policies.Tree("/usr", PathAccess.Read | PathAccess.Execute)), new SandboxRequest
                {
                    Command = ["/usr/bin/sh", "-c", "cat; ls -l /proc/self/fd"],
                    Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin" },
                    AppArmorProfile = profile.Name,
                });
                using SandboxRun run = SandboxRun.Start([Environment.GetEnvironmentVariable("CLAW_EXEC")!], plan, new SandboxStreams(input, output, output));
                Assert.Equal(0, run.WaitForEnd().ExitCode);
            }
            Assert.StartsWith("handed over\n", File.ReadAllText(target), StringComparison.Ordinal);
        }
        finally
        {
            loader.Remove(profile.Name);
        }
    }

    public void Dispose() => Directory.Delete(elsewhere, recursive: true);
}
