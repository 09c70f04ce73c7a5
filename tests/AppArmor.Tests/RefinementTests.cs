using System.Text;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;
using static AppArmor.Tests.Policies;

namespace AppArmor.Tests;

public sealed class RefinementTests
{
    private static readonly EffectivePolicy Policy = Of(Tree("/srv", PathAccess.Read), Tree("/srv/closed", PathAccess.All).Deny());

    [Fact]
    public void A_refused_open_becomes_a_rule() =>
        Assert.Equal("read /etc/hosts 1 cat", Proposal(Line("open", "\"/etc/hosts\"", "r")));

    [Fact]
    public void Making_and_renaming_are_writes_and_starting_is_execute() =>
        Assert.Equal("execute /opt/x 1 cat;write /opt/a 2 cat;write /opt/b 1 cat", Proposal(Line("mknod", "\"/opt/a\"", "c"), Line("rename_src", "\"/opt/a\"", "d"), Line("link", "\"/opt/b\"", "l"), Line("exec", "\"/opt/x\"", "x")));

    [Fact]
    public void A_folder_loses_its_slash_and_the_root_keeps_it() =>
        Assert.Equal("read / 1 cat;read /etc 1 cat", Proposal(Line("open", "\"/etc/\"", "r"), Line("open", "\"/\"", "r")));

    [Fact]
    public void Names_with_spaces_come_in_hexadecimal() =>
        Assert.Equal("read /a b 1 cat", Proposal(Line("open", "2F612062", "r")));

    [Fact]
    public void What_the_policy_allows_is_not_proposed() =>
        Assert.Equal("", Proposal(Line("open", "\"/srv/x\"", "r")));

    [Fact]
    public void What_it_denies_is_proposed_with_the_line_that_denies_it()
    {
        ProposedRule rule = Assert.Single(Refinement.Of(Policy, [Line("open", "\"/srv/closed/x\"", "r")]).Rules);
        Assert.Equal("test.toml:1", rule.DeniedBy);
    }

    [Fact]
    public void Other_profiles_and_other_lines_are_passed_over() =>
        Assert.Equal("", Proposal(
            Line("open", "\"/etc/hosts\"", "r").Replace("claw.test.", "claw.testing.", StringComparison.Ordinal),
            "usb 1-1: new device",
            "audit: type=1400 audit(1.1:1): apparmor=\"STATUS\" operation=\"profile_load\" profile=\"unconfined\" name=\"claw.test.000000000000\" pid=1 comm=\"dd\""));

    [Fact]
    public void What_no_rule_can_lift_is_told_apart()
    {
        Refinement refinement = Refinement.Of(Policy, [
            "audit: type=1400 audit(1.1:2): apparmor=\"DENIED\" operation=\"capable\" class=\"cap\" profile=\"claw.test.0123456789ab\" pid=9 comm=\"su\" capability=7  capname=\"setuid\"",
            "audit: type=1400 audit(1.1:3): apparmor=\"DENIED\" operation=\"create\" class=\"net\" profile=\"claw.test.0123456789ab\" pid=9 comm=\"curl\" family=\"inet\" sock_type=\"stream\" protocol=6 requested_mask=\"create\" denied_mask=\"create\"",
            Line("open", "\"/etc/a*b\"", "r")]);
        Assert.Empty(refinement.Rules);
        Assert.Equal(["capable", "create", "open"], refinement.Others.Select(denial => denial.Operation));
    }

    [Theory]
    [InlineData("/claw")]
    [InlineData("/claw/approvals/x")]
    [InlineData("/srv/*")]
    [InlineData("/srv/back\\slash")]
    [InlineData("/srv/new\nline")]
    [InlineData("/srv/\u202etxt.exe")]
    public void What_no_policy_can_hold_is_told_apart(string path)
    {
        Refinement refinement = Refinement.Of(Policy, [Line("open", Convert.ToHexString(Encoding.UTF8.GetBytes(path)), "r")]);
        Assert.Empty(refinement.Rules);
        Assert.Equal(path, Assert.Single(refinement.Others).Path);
    }

    [Theory]
    [InlineData("/claw/memory/x")]
    [InlineData("/clawless")]
    [InlineData("/srv2/$WORKSPACE {x} \"q\" #")]
    public void What_is_proposed_is_what_a_policy_can_hold(string path)
    {
        ProposedRule rule = Assert.Single(Refinement.Of(Policy, [Line("open", Convert.ToHexString(Encoding.UTF8.GetBytes(path)), "r")]).Rules);
        EffectivePolicy policy = Read("mine", $"[paths]\nread = [\"{rule.Path.Replace("\"", "\\\"", StringComparison.Ordinal)}\"]\n");
        Assert.Equal(path, Assert.Single(policy.Paths).Path);
    }

    /// <summary>A program chooses its own name; the kernel writes one with quotes in hexadecimal, so that it cannot end its field.</summary>
    [Fact]
    public void A_name_that_looks_like_a_field_stays_a_name()
    {
        Denial denial = Denial.Read(Line("open", "\"/etc/hosts\"", "r").Replace("comm=\"cat\"", "comm=" + Convert.ToHexString("\" name=\"/x\""u8), StringComparison.Ordinal))!;
        Assert.Equal(("/etc/hosts", "\" name=\"/x\""), (denial.Path, denial.Program));
    }

    [Fact]
    public void Complain_mode_is_told() =>
        Assert.True(Denial.Read(Line("open", "\"/etc/hosts\"", "r").Replace("DENIED", "ALLOWED", StringComparison.Ordinal))!.Passed);

    [Fact]
    public void Random_lines_never_throw()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        string whole = Line("open", "2F612062", "r");
        for (int i = 0; i < 20_000; i++)
        {
            char[] line = whole.ToCharArray();
            for (int k = random.Next(6); k >= 0; k--)
                line[random.Next(line.Length)] = (char)random.Next(1, 300);
            Exception? error = Record.Exception(() => Refinement.Of(Policy, [new string(line[..random.Next(line.Length + 1)])]));
            Assert.True(error is null, $"seed {seed}, line {i}: {new string(line)}\n{error}");
        }
    }

    private static string Line(string operation, string name, string mask) =>
        $"[   12.345678] audit: type=1400 audit(1764000000.123:42): apparmor=\"DENIED\" operation=\"{operation}\" class=\"file\" profile=\"claw.test.0123456789ab\" name={name} pid=77 comm=\"cat\" requested_mask=\"{mask}\" denied_mask=\"{mask}\" fsuid=0 ouid=0";

    private static string Proposal(params string[] lines) =>
        string.Join(';', Refinement.Of(Policy, lines).Rules.Select(rule => $"{rule.Key} {rule.Path} {rule.Count} {string.Join(',', rule.Programs)}"));
}
