using System.Globalization;
using System.Text.RegularExpressions;
using Vm.Tests.Machine;

namespace Vm.Tests;

/// <summary>Test programs of this repository, run once more on a kernel with AppArmor and with control groups of version 2.</summary>
public sealed partial class GuestTests(ITestOutputHelper output)
{
    [Fact]
    public void Limits_of_control_groups_of_version_2_hold() => Run("Cgroups.Tests", "-namespace '*Host'", atLeast: 20);

    /// <summary>Those that hold no clock against the sandbox: amendments have two seconds, which an emulated processor does not always keep.</summary>
    [Fact]
    public void Sandboxes_hold() => Run("Sandbox.Tests", "-class '*.LaunchTests' -class '*.ViewTests' -class '*.EscapeTests' -class '*.RefusalTests' -class '*.UserTests' -class '*.CgroupTests'", atLeast: 60);

    [Fact]
    public void Profiles_of_AppArmor_are_loaded_entered_and_obeyed() => Run("AppArmor.Tests", "-namespace '*InKernel'", atLeast: 4);

    /// <summary>What a test skips there is shown, and counts as not tested.</summary>
    private void Run(string tests, string filter, int atLeast)
    {
        Guest.Need();
        string printed = Guest.Run(
            $"cat /sys/kernel/security/lsm; echo\n/usr/share/dotnet/dotnet /claw/{tests}/{tests}.dll -noColor -noLogo {filter}\n",
            ("claw-exec", Launcher()));
        output.WriteLine(printed);
        Match summary = Summary().Match(printed);
        Assert.True(summary.Success, "the test program ended without a summary");
        int[] counts = [.. summary.Groups.Values.Skip(1).Select(group => int.Parse(group.Value, CultureInfo.InvariantCulture))];
        Assert.Equal((0, 0), (counts[1], counts[2]));
        Assert.True(counts[0] - counts[3] >= atLeast, $"{counts[0] - counts[3]} tests ran, not the {atLeast} and more that can");
    }

    internal static byte[] Launcher()
    {
        string path = Environment.GetEnvironmentVariable("CLAW_EXEC") is { Length: > 0 } given ? given : Path.Combine(Repository.Artifacts, "exec/claw-exec");
        if (!File.Exists(path))
            Assert.Skip($"{path} is not there: Security/Exec/publish.sh makes it");
        return File.ReadAllBytes(path);
    }

    [GeneratedRegex(@"Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+)")]
    private static partial Regex Summary();
}
