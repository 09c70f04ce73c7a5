using System.Globalization;
using System.Text;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;
using static AppArmor.Tests.Policies;

namespace AppArmor.Tests;

public sealed class ProfileTextTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("read-only")]
    [InlineData("coder")]
    [InlineData("researcher")]
    [InlineData("tool-default")]
    public void Every_shipped_policy_compiles(string name)
    {
        ProfileText profile = ProfileText.Of(PolicySet.Shipped.Compile(name, new CompileOptions { Workspace = "/home/me/my work" }).Policy!);
        byte[] compiled = Compile(profile);
        Assert.True(compiled.AsSpan().IndexOf(Encoding.UTF8.GetBytes(profile.Name)) > 0, "the compiled profile does not carry its name");
        Assert.DoesNotContain("network inet", profile.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("capability", profile.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_become_permissions_of_files_and_of_folders_with_their_slash()
    {
        string text = ProfileText.Of(Of(
            Tree("/srv", PathAccess.Read),
            File("/etc/hosts", PathAccess.Read | PathAccess.Write),
            Tree("/opt/x", PathAccess.Execute),
            Tree("/srv/secret", PathAccess.All).Deny(),
            Tree("/srv/kept", PathAccess.Write).Deny(),
            Glob("/srv/*.key", PathAccess.Read).Deny(),
            Glob("/logs/*", PathAccess.Read),
            Glob("/logs/a**", PathAccess.Read))).Text;
        foreach (string line in (string[])[
            "\"/srv{,/,/**}\" rk,", "\"/etc/hosts{,/}\" rwlk,", "\"/opt/x{,/,/**}\" mix,", "\"/opt/x{,/**[^/]}\" r,", "deny \"/srv/secret{,/,/**}\" rwlkmx,", "deny \"/srv/kept{,/,/**}\" wl,",
            "deny \"/srv/*.key\" r,", "deny \"/srv/*.key/\" r,", "\"/logs/*\" rk,", "\"/logs/*/\" rk,", "\"/logs/a**\" rk,"])
            Assert.Contains($"\n  {line}\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"/logs/a**/\"", text, StringComparison.Ordinal);
    }

    /// <summary>Of what may be written: not the folder that is granted, which is a mount point, nor those around it.</summary>
    [Fact]
    public void Folders_above_what_is_denied_keep_their_names()
    {
        string text = ProfileText.Of(Of(
            Tree("/srv/w", PathAccess.Read | PathAccess.Write),
            Glob("/logs/*", PathAccess.Write),
            Tree("/opt", PathAccess.Read),
            File("/srv/w/a/b/c", PathAccess.Write).Deny(),
            Tree("/srv/w/a/d", PathAccess.All).Deny(),
            File("/logs/x/y", PathAccess.All).Deny(),
            File("/opt/x/y", PathAccess.All).Deny(),
            Glob("/srv/w/e/*", PathAccess.All).Deny())).Text;
        Assert.Equal(
            ["deny \"/srv/w/a{,/}\" wl,", "deny \"/srv/w/a/b{,/}\" wl,", "deny \"/logs/x{,/}\" wl,"],
            text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("deny", StringComparison.Ordinal) && line.EndsWith("{,/}\" wl,", StringComparison.Ordinal) && !line.Contains("/c{", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_name_is_the_same_for_the_same_profile_and_another_for_another()
    {
        string name = ProfileText.Of(Of(Tree("/srv", PathAccess.Read))).Name;
        Assert.Matches("^claw\\.test\\.[0-9a-f]{12}$", name);
        Assert.Equal(name, ProfileText.Of(Of(Tree("/srv", PathAccess.Read))).Name);
        Assert.NotEqual(name, ProfileText.Of(Of(Tree("/srv", PathAccess.Write))).Name);
        Assert.NotEqual(name, ProfileText.Of(Of(Tree("/srv", PathAccess.Read)), ProfileMode.Complain).Name);
    }

    [Fact]
    public void The_file_of_a_command_that_needs_approval_is_in_the_profile_of_its_own_launch_alone()
    {
        EffectivePolicy policy = Read("mine", """
            [[command]]
            path = "/opt/deploy"
            approve = true
            [[command]]
            path = "/opt/erase"
            approve = true
            [[command]]
            path = "/opt/free"
            """);
        ProfileText others = ProfileText.Of(policy), approved = ProfileText.Of(policy, approved: "/opt/deploy");
        Assert.Contains("/opt/free", others.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/opt/deploy", others.Text, StringComparison.Ordinal);
        Assert.Contains("\"/opt/deploy{,/}\" mix,", approved.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/opt/erase", approved.Text, StringComparison.Ordinal);
        Assert.NotEqual(others.Name, approved.Name);

        // What is executed there is then what asks, by the socket of the sandbox's own /claw.
        ProfileText asking = ProfileText.Of(policy, approved: "/opt/deploy", standIns: true);
        Assert.Contains("\"/opt/erase{,/}\" mix,", asking.Text, StringComparison.Ordinal);
        Assert.Contains("\"/claw/run/launch{,/}\" rwlk,", asking.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no/slash")]
    [InlineData("/new\nline")]
    [InlineData("/ze\0ro")]
    public void A_path_that_no_profile_can_hold_is_refused(string path) =>
        Assert.Throws<ArgumentException>(() => ProfileText.Of(Of(File(path, PathAccess.Read))));

    /// <summary>A path is quoted so that it neither ends its rule nor begins another. That it stands for itself alone is asked of the kernel (Vm.Tests).</summary>
    [Fact]
    public void Hostile_paths_compile()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        Random random = new(seed);
        string[] pieces = [" ", "\"", "'", "[", "]", "{", "}", "^", ",", "\\", "*", "?", "@{HOME}", "#", "é", "漢", "😀", "a", "-", "+", "|", "(", ")", "$", ":", ";", "&", "->", " r,", "deny ", "\\x41", "\\101", "%"];
        PathRule[] rules = [.. Enumerable.Range(0, 400).Select(_ => File("/" + string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)])), PathAccess.Read)).DistinctBy(rule => rule.Path)];
        _ = Compile(ProfileText.Of(Of(rules)));
    }

    [Fact]
    public void What_the_parser_refuses_is_told_in_its_words()
    {
        if (ProfileCompiler.Program is null)
            Assert.Skip("needs apparmor_parser: apt-get install apparmor");
        AppArmorException refusal = Assert.Throws<AppArmorException>(() => ProfileCompiler.Compile("abi <abi/3.0>,\nprofile x {\n  /a nonsense,\n}\n"));
        Assert.Contains("line 3", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Sixteen question marks behind a star are 2^16 states and some: without a limit, minutes of a processor.</summary>
    [Fact]
    public void Patterns_that_meet_in_too_many_ways_are_told_and_not_waited_for()
    {
        if (ProfileCompiler.Program is null)
            Assert.Skip("needs apparmor_parser: apt-get install apparmor");
        string text = ProfileText.Of(Of(Glob($"/**/*a{new string('?', 24)}", PathAccess.Read))).Text;
        AppArmorException refusal = Assert.Throws<AppArmorException>(() => ProfileCompiler.Compile(text, seconds: 1));
        Assert.Contains("write fewer stars and question marks", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A byte that is the half of a character is no character: "??" must not match "é". What the kernel makes of it is asked in the guest (Vm.Tests).</summary>
    [Fact]
    public void A_question_mark_that_allows_matches_no_half_of_a_character()
    {
        string text = ProfileText.Of(Of(Glob("/a/?", PathAccess.Read), Glob("/b/?", PathAccess.Read).Deny())).Text;
        Assert.DoesNotContain("{?", Rule(text, "\"/a/"), StringComparison.Ordinal);
        Assert.Contains("{?", Rule(text, "deny \"/b/"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_with_patterns_and_a_workspace_with_a_space_compiles()
    {
        ProfileText profile = ProfileText.Of(Read("mine", """
            [paths]
            read = ["/usr/**", "$WORKSPACE/**"]
            write = ["$WORKSPACE/**/*.txt"]
            deny = ["$WORKSPACE/**/.env", "$WORKSPACE/?.key"]
            [[command]]
            path = "/usr/bin/git"
            arguments = ["log", "**"]
            """));
        Assert.Contains("\"/home/me/my work/**/*.txt\" wlk,", profile.Text, StringComparison.Ordinal);
        Assert.Contains("\"/usr/bin/git{,/}\" mix,\n  \"/usr/bin/git\" r,", profile.Text, StringComparison.Ordinal);
        Assert.NotEmpty(Compile(profile));
    }

    private static string Rule(string text, string beginning) => text.Split('\n').First(line => line.TrimStart().StartsWith(beginning, StringComparison.Ordinal));
}
