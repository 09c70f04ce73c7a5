using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp.Tests;

public sealed class ProfileParserTests
{
    private const string Head = """{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[""";

    [Fact]
    public void A_profile_is_read_with_everything_in_it()
    {
        SeccompProfile profile = SeccompProfile.Parse(
            """
            {
              "comment": "for a test",
              "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
              "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
              "syscalls": [
                { "comment": "reading", "names": ["read", "open"], "action": "SCMP_ACT_ALLOW" },
                { "comment": "some", "names": ["ioctl"], "action": "SCMP_ACT_LOG", "args": [
                  { "index": 1, "value": 18446744073709551615, "valueTwo": 7, "op": "SCMP_CMP_MASKED_EQ" },
                  { "index": 5, "value": 9, "op": "SCMP_CMP_GE" } ] }
              ]
            }
            """,
            "test");
        Assert.Equal("test", profile.Name);
        Assert.Equal("for a test", profile.Comment);
        Assert.Equal(FilterAction.Refuse(38), profile.DefaultAction);
        Assert.Equal([Architecture.X64, Architecture.Arm64], profile.Architectures);
        Assert.Equal(["read", "open"], profile.Groups[0].Names);
        Assert.Equal("reading", profile.Groups[0].Comment);
        Assert.Equal(FilterAction.Of(ActionKind.Log), profile.Groups[1].Action);
        Assert.Equal([new(1, Comparison.MaskedEqual, ulong.MaxValue, 7), new(5, Comparison.GreaterOrEqual, 9)], profile.Groups[1].Arguments);
    }

    [Theory]
    [InlineData("", "t:1:1: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.")]
    [InlineData("[]", "t:1:1: a profile is an object")]
    [InlineData("{} {}", "t:1:4: '{' is invalid after a single JSON value. Expected end of data.")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[]}", "t:1:18: no action is named SCMP_ACT_ALOW; did you mean SCMP_ACT_ALLOW?")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\"],\"syscalls\":[]}", "t:1:52: no table of system calls for SCMP_ARCH_X86; did you mean SCMP_ARCH_X86_64?")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[],\"syscalls\":[]}", "t:1:51: a profile is made for at least one architecture")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86_64\"],\"syscalls\":[]}", "t:1:71: SCMP_ARCH_X86_64 is listed twice")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1,\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[]}", "t:1:53: \"defaultErrnoRet\" goes with SCMP_ACT_ERRNO only")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":0,\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[]}", "t:1:53: error 0 would claim success for a call that was not made")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096,\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[]}", "t:1:53: \"defaultErrnoRet\" is a whole number from 0 to 4095")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_KILL\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[]}", "t:1:18: SCMP_ACT_KILL is not honoured: it ends one thread and leaves the others in a state that no program expects: use SCMP_ACT_KILL_PROCESS")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscals\":[]}", "t:1:1: a profile needs \"syscalls\"\nt:1:72: a profile has no member \"syscals\"; did you mean syscalls?")]
    [InlineData("{\"archMap\":[],\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[]}", "t:1:2: \"archMap\" is not honoured: list the architectures in \"architectures\"; calls of other ABIs end the process")]
    [InlineData("{\"defaultAction\":7,\"architectures\":{},\"syscalls\":[]}", "t:1:18: \"defaultAction\" is a text\nt:1:36: \"architectures\" is a list")]
    public void A_mistake_in_a_profile_is_told_with_its_place(string text, string errors) =>
        Assert.Equal(errors, Errors(text));

    [Theory]
    [InlineData("""{"comment":"c","names":["opne"],"action":"SCMP_ACT_ALLOW"}""", "25: no system call is named opne; did you mean open?")]
    [InlineData("""{"comment":"c","names":["zzzzzzzzz"],"action":"SCMP_ACT_ALLOW"}""", "25: no system call is named zzzzzzzzz")]
    [InlineData("""{"comment":"c","names":[],"action":"SCMP_ACT_ALLOW"}""", "24: a group names at least one system call")]
    [InlineData("""{"comment":"c","names":[3],"action":"SCMP_ACT_ALLOW"}""", "25: the name of a system call is a text")]
    [InlineData("""{"comment":"c","names":["read","read"],"action":"SCMP_ACT_ALLOW"}""", "32: read is named twice in this group")]
    [InlineData("""{"comment":" ","names":["read"],"action":"SCMP_ACT_ALLOW"}""", "12: a group says why it is there")]
    [InlineData("""{"names":["read"],"action":"SCMP_ACT_ALLOW"}""", "1: a group needs \"comment\"")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_TRACE"}""", "42: SCMP_ACT_TRACE is not honoured: nothing traces the program: use SCMP_ACT_NOTIFY")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}}""", "59: \"includes\" is not honoured: a profile means the same on every machine: write a profile for each case")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","action":"SCMP_ACT_LOG"}""", "59: \"action\" is given twice")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":6,"value":1,"op":"SCMP_CMP_EQ"}]}""", "76: \"index\" is a whole number from 0 to 5")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":-1,"op":"SCMP_CMP_EQ"}]}""", "86: \"value\" is a whole number from 0 to 18446744073709551615")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQUAL"}]}""", "93: no comparison is named SCMP_CMP_EQUAL; did you mean SCMP_CMP_EQ?")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"valueTwo":2,"op":"SCMP_CMP_EQ"}]}""", "67: \"valueTwo\" goes with SCMP_CMP_MASKED_EQ only")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"}]}""", "67: this comparison has the same result for every argument")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":0,"op":"SCMP_CMP_LT"}]}""", "67: this comparison has the same result for every argument")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2,"op":"SCMP_CMP_GT"},{"index":0,"value":9,"op":"SCMP_CMP_LT"}]}""", "108: argument 0 is compared twice: write one masked comparison, or several groups")]
    [InlineData("""{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW","args":[7]}""", "67: a condition is an object")]
    public void A_mistake_in_a_group_is_told_with_its_place(string group, string error)
    {
        // The group begins in the second line, so that its columns are its own.
        Assert.Equal($"t:2:{error}", Errors($"{Head}\n{group}]}}"));
    }

    [Fact]
    public void A_call_of_another_architecture_needs_that_architecture_in_the_list()
    {
        const string Group = """{"comment":"c","names":["open","openat"],"action":"SCMP_ACT_ALLOW"}""";
        string arm = Head.Replace("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64", StringComparison.Ordinal);
        string both = Head.Replace("\"SCMP_ARCH_X86_64\"", "\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_X86_64\"", StringComparison.Ordinal);
        Assert.Equal("t:2:25: open is a system call of SCMP_ARCH_X86_64 only, which the profile does not list", Errors($"{arm}\n{Group}]}}"));
        SeccompProfile profile = SeccompProfile.Parse($"{both}\n{Group}]}}", "t");
        Assert.Equal(["openat"], profile.Allowed(Architecture.Arm64));
        Assert.Equal(["open", "openat"], profile.Allowed(Architecture.X64));
    }

    [Fact]
    public void A_group_that_is_never_reached_is_a_mistake()
    {
        const string First = """{"comment":"c","names":["read"],"action":"SCMP_ACT_ALLOW"}""";
        const string Second = """{"comment":"c","names":["write","read"],"action":"SCMP_ACT_LOG","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}""";
        Assert.Equal("t:3:33: read is decided in line 2 for all arguments, so this is never reached", Errors($"{Head}\n{First},\n{Second}]}}"));
        Assert.Equal(2, SeccompProfile.Parse($"{Head}\n{Second},\n{First}]}}", "t").Groups.Count);
    }

    [Fact]
    public void Columns_count_characters_and_errors_come_in_the_order_of_the_file()
    {
        string text = "{\"comment\":\"ä€\",\"defaultAction\":\"X\",\n\"syscalls\":[{\"names\":[\"opne\"],\"action\":\"SCMP_ACT_ALLOW\",\"comment\":\"c\"}],\"architectures\":[\"SCMP_ARCH_X86_64\"]}";
        ProfileException exception = Assert.Throws<ProfileException>(() => SeccompProfile.Parse(text, "t"));
        Assert.Equal([(1, 33, 3), (2, 23, 6)], exception.Errors.Select(static error => (error.Line, error.Column, error.Length)));
        Assert.Equal("open", exception.Errors[1].Suggestion);
    }

    [Fact]
    public void Half_a_character_in_an_escape_is_refused_with_its_place() =>
        Assert.StartsWith("t:1:12: an escape", Errors("{\"comment\":\"\\ud800\"}"), StringComparison.Ordinal);

    [Fact]
    public void Damaged_text_is_refused_or_read_and_nothing_else()
    {
        Random random = Seed.Random();
        string good = ShippedProfiles.Text(ShippedProfiles.ToolDefault);
        int refused = 0;
        for (int round = 0; round < 500; round++)
        {
            char[] text = good.ToCharArray();
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                text[random.Next(text.Length)] = (char)random.Next(1, random.Next(2) == 0 ? 128 : 0x10000);
            }

            string damaged = new(text, 0, random.Next(4) == 0 ? random.Next(text.Length) : text.Length);
            try
            {
                SeccompProfile.Parse(damaged, "t");
            }
            catch (ProfileException exception)
            {
                refused++;
                int lines = damaged.Count(static letter => letter == '\n') + 1;
                Assert.NotEmpty(exception.Errors);
                Assert.All(exception.Errors, error => Assert.True(error.Line >= 1 && error.Line <= lines && error is { Column: >= 1, Length: >= 1 }, error.ToString()));
            }
        }

        Assert.True(refused > 100, $"only {refused} were refused");
    }

    private static string Errors(string text) => Assert.Throws<ProfileException>(() => SeccompProfile.Parse(text, "t")).Message;
}
