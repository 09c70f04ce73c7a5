using System.Globalization;
using System.Text.RegularExpressions;
using Vm.Tests.Machine;

namespace Vm.Tests;

/// <summary>Test programs of this repository, run once more on a kernel with AppArmor and with control groups of version 2.</summary>
public sealed partial class GuestTests(ITestOutputHelper output)
{
    [Fact]
    public void Limits_of_control_groups_of_version_2_hold() => Run("Cgroups.Tests", "-namespace '*Host'", atLeast: 20);

    [Fact]
    public void Sandboxes_hold() => Run("Sandbox.Tests", "-class '*.LaunchTests' -class '*.AmendTests' -class '*.ViewTests' -class '*.EscapeTests' -class '*.SurroundingsTests' -class '*.RefusalTests' -class '*.UserTests' -class '*.CgroupTests'", atLeast: 60);

    [Fact]
    public void Profiles_of_AppArmor_are_loaded_entered_and_obeyed() => Run("AppArmor.Tests", "-namespace '*InKernel'", atLeast: 4);

    /// <summary>docs/escapes.md says what AppArmor stops where nothing else does; CLAW_REGENERATE=1 writes it.</summary>
    [Fact]
    public void AppArmor_alone_stops_what_the_page_says()
    {
        const string Begin = "<!-- begin apparmor -->\n", End = "<!-- end apparmor -->\n";
        string printed = Run("Sandbox.Tests", "-method '*.AppArmor_alone_stops_what_it_is_about'", atLeast: 1, "export CLAW_TABLE=/claw/trial/table; ", "; cat /claw/trial/table");
        string table = printed[printed.IndexOf("| attempt |", StringComparison.Ordinal)..].TrimEnd('\n') + "\n", path = Path.Combine(Repository.Root, "docs/escapes.md"), page = File.ReadAllText(path);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("CLAW_REGENERATE") == "1")
            File.WriteAllText(path, page[..from] + table + page[to..]);
        else
            Assert.Equal(page[from..to], table);
    }

    /// <summary>What a test skips there is shown, and counts as not tested.</summary>
    private string Run(string tests, string filter, int atLeast, string before = "", string behind = "")
    {
        Guest.Need();
        string printed = Guest.Run(
            $"cat /sys/kernel/security/lsm; echo\n{before}/usr/share/dotnet/dotnet /claw/{tests}/{tests}.dll -noColor -noLogo {filter}{behind}\n",
            ("claw-exec", Launcher()));
        output.WriteLine(printed);
        Match summary = Summary().Match(printed);
        Assert.True(summary.Success, "the test program ended without a summary");
        int[] counts = [.. summary.Groups.Values.Skip(1).Select(group => int.Parse(group.Value, CultureInfo.InvariantCulture))];
        Assert.Equal((0, 0), (counts[1], counts[2]));
        Assert.True(counts[0] - counts[3] >= atLeast, $"{counts[0] - counts[3]} tests ran, not the {atLeast} and more that can");
        return printed;
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
