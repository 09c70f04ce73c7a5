using System.Text.Json.Nodes;
using ClawOS.Cli;
using ClawOS.Mounting;

namespace Cli.Tests;

public sealed class AppArmorVerbTests
{
    [Fact]
    public async Task A_compiled_policy_is_printed_as_a_profile()
    {
        using TestFolder folder = new();
        (int code, string output, _) = await Typed.RunAsync(["policy", "compile", "coder", "--workspace", folder.Path, "--apparmor-text"]);
        Assert.Equal(0, code);
        Assert.Matches("^abi <abi/3.0>,\n\nprofile \"claw\\.coder\\.[0-9a-f]{12}\" flags=\\(attach_disconnected\\) \\{\n", output);
        Assert.Contains($"\n  deny \"{folder.Path}/.git/config{{,/}}\" wl,\n", output, StringComparison.Ordinal);
        Assert.EndsWith("\n}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_of_refusals_becomes_lists_that_can_be_copied()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["log"], """
            [  1.0] audit: type=1400 audit(1.1:1): apparmor="DENIED" operation="open" class="file" profile="claw.coder.0123456789ab" name="/etc/hosts" pid=7 comm="curl" requested_mask="r" denied_mask="r" fsuid=0 ouid=0
            [  1.1] audit: type=1400 audit(1.1:2): apparmor="DENIED" operation="open" class="file" profile="claw.coder.0123456789ab" name="/usr/bin/ls" pid=7 comm="bash" requested_mask="r" denied_mask="r" fsuid=0 ouid=0
            [  1.2] audit: type=1400 audit(1.1:3): apparmor="DENIED" operation="capable" class="cap" profile="claw.coder.0123456789ab" pid=9 comm="su" capability=7  capname="setuid"

            """);
        (int code, string output, string error) = await Typed.RunAsync(["policy", "refine", "coder", "--log", folder["log"]]);
        Assert.Equal((0, "[paths]\nread = [\n  \"/etc/hosts\", # 1 x by curl\n]\n"), (code, output));
        Assert.Contains("capable, 1 x by su", error, StringComparison.Ordinal);
        (_, string json, _) = await Typed.RunAsync(["policy", "refine", "coder", "--log", folder["log"], "--json"]);
        Assert.Equal("/etc/hosts", (string)JsonNode.Parse(json)!.AsArray().Single()!["path"]!);
        (code, _, _) = await Typed.RunAsync(["policy", "refine", "coder", "--log", folder["none"]]);
        Assert.Equal(ExitCodes.NotFound, code);
    }

    [Fact]
    public async Task Doctor_says_of_each_layer_whether_it_is_active_or_why_not()
    {
        (_, string json, _) = await Typed.RunAsync(["doctor", "--json"]);
        JsonNode[] findings = [.. JsonNode.Parse(json)!.AsArray().OfType<JsonNode>()];
        bool hasLauncher = findings.All(finding => (string)finding["name"]! != "claw-exec");
        foreach (string name in (string[])["sandbox", "Landlock: files", "Landlock: TCP", "seccomp", "AppArmor", "cgroups: memory", "cgroups: processes", "BPF LSM"])
        {
            JsonNode finding = Assert.Single(findings, finding => (string)finding["name"]! == name);
            (string verdict, string fact) = ((string)finding["verdict"]!, (string)finding["fact"]!);
            string begin = verdict switch { "ok" => "active: ", "limited" => "(active|unavailable): ", "untried" => "not tried: ", _ => "nothing of the kind" };
            Assert.Matches($"^{begin}", fact);
            Assert.Equal(fact.StartsWith("active: ", StringComparison.Ordinal), finding["milliseconds"] is not null);
            Assert.True(hasLauncher || verdict != "ok" || name.StartsWith("cgroups", StringComparison.Ordinal), $"{name} without a launcher: {fact}");
        }
    }
}
