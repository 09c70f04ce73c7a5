using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp.Tests;

/// <summary>What a policy leaves out of a profile, and what it has answered otherwise.</summary>
public sealed class NarrowedTests
{
    private static readonly SeccompProfile s_default = ShippedProfiles.Load(ShippedProfiles.Default);

    [Fact]
    public void What_is_not_among_the_only_calls_gets_the_answer_to_unknown_ones_and_refusals_stay()
    {
        SeccompProfile narrow = s_default.Only(["read", "clone", "ptrace"]);
        Assert.Equal(FilterAction.Allow, Decide(narrow, "read"));
        Assert.Equal(s_default.DefaultAction, Decide(narrow, "write"));
        Assert.Equal(FilterAction.Refuse(38), Decide(narrow, "clone3"));
        Assert.Equal(Decide(s_default, "ptrace"), Decide(narrow, "ptrace"));
        Assert.Equal(FilterAction.Refuse(1), Decide(narrow, "clone", 0x10000011));
        Assert.Equal(FilterAction.Allow, Decide(narrow, "clone", 0x11));
        Assert.Equal(["clone", "read"], narrow.Allowed(Architecture.X64));
    }

    [Fact]
    public void What_is_asked_about_is_asked_where_it_was_allowed_and_nowhere_else()
    {
        FilterAction asked = FilterAction.Of(ActionKind.UserNotify);
        SeccompProfile told = s_default.Answering(["clone", "ptrace", "read"], asked, "a test");
        Assert.Equal(asked, Decide(told, "read"));
        Assert.Equal(FilterAction.Allow, Decide(told, "write"));
        Assert.Equal(asked, Decide(told, "clone", 0x11));
        Assert.Equal(FilterAction.Refuse(1), Decide(told, "clone", 0x10000011));
        Assert.Equal(Decide(s_default, "ptrace"), Decide(told, "ptrace"));
    }

    [Fact]
    public void A_call_can_be_allowed_for_one_value_alone()
    {
        SeccompProfile tool = ShippedProfiles.Load(ShippedProfiles.ToolDefault).AllowingWhere("sendmsg", [new ArgumentTest(0, Comparison.Equal, 1000)], "a test");
        Assert.Equal(FilterAction.Allow, Decide(tool, "sendmsg", 1000));
        Assert.Equal(tool.DefaultAction, Decide(tool, "sendmsg", 1001));
    }

    [Fact]
    public void A_call_that_there_is_not_and_a_profile_that_allows_the_unknown_are_refused()
    {
        Assert.Contains("did you mean read?", Assert.Throws<SeccompException>(static () => s_default.Only(["raed"])).Message, StringComparison.Ordinal);
        Assert.Throws<SeccompException>(static () => s_default.Answering(["raed"], FilterAction.Refuse(1), "a test"));
        Assert.Throws<SeccompException>(static () => s_default.AllowingWhere("raed", [new ArgumentTest(0, Comparison.Equal, 1)], "a test"));
        SeccompProfile open = SeccompProfile.Parse("""{ "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{ "comment": "a test", "names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1 }] }""", "open");
        Assert.Throws<SeccompException>(() => open.Only(["write"]));
        Assert.Throws<SeccompException>(() => open.Answering(["write"], FilterAction.Refuse(1), "a test"));
    }

    private static FilterAction Decide(SeccompProfile profile, string name, params ulong[] arguments)
    {
        SyscallTable.X64.TryGetNumber(name, out int number);
        return profile.Decide(Architecture.X64, number, [.. arguments, .. new ulong[6 - arguments.Length]]).Action;
    }
}
