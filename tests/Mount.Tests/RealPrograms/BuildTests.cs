using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.RealPrograms;

[Collection(SharedMountCollection.Name)]
public sealed class BuildTests(SharedMount mount)
{
    [Fact]
    public void This_solution_builds_on_the_mount()
    {
        Need.Program("git", "dotnet");
        using TestFolder folder = mount.NewFolder();
        Shell(Repository.Root, $"git ls-files -z --cached | tar --null -T - --ignore-failed-read -cf - | tar -C '{folder.Path}' -xf -");
        ProgramOptions options = new()
        {
            Folder = folder.Path,
            Timeout = TimeSpan.FromMinutes(15),
            // A build server left behind would hold files of the mount open.
            Environment = new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" },
        };
        Run(options, "dotnet", "build", "ClawOS.sln", "--nologo", "-v", "q", "-nodeReuse:false", "-p:UseSharedCompilation=false").Must();
        Assert.NotEmpty(Directory.GetFiles(folder["artifacts"], "*.dll", SearchOption.AllDirectories));
    }
}
