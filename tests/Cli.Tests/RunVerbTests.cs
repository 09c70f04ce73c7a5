using ClawOS.Cli;
using ClawOS.Mounting;

namespace Cli.Tests;

/// <summary>claw run: what is refused before anything starts, and the way of an exit code.</summary>
public sealed class RunVerbTests
{
    [Theory]
    [InlineData("--policy nobody -- true", ExitCodes.NotFound, "nobody: no such policy")]
    [InlineData("--policy coder --workspace /no/such -- true", ExitCodes.NotFound, "/no/such: no such folder")]
    [InlineData("--policy coder --workspace / -- true", ExitCodes.Usage, "a slash at its end\n")]
    [InlineData("--policy coder --workspace /tmp -- no-such-program --dance", ExitCodes.NotStarted, "no-such-program: no such program in /usr/local/bin")]
    [InlineData("--policy coder --workspace /tmp --env CLAW_NO_SUCH -- true", ExitCodes.Usage, "--env CLAW_NO_SUCH: there is no such variable")]
    public async Task What_cannot_be_run_is_one_line(string typed, int code, string words)
    {
        (int got, string output, string error) = await Typed.RunAsync(["run", .. typed.Split(' ')]);
        Assert.Equal((code, ""), (got, output));
        Assert.Matches(@"^claw: [^\n]+\n$", error);
        Assert.Contains(words, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_the_policy_does_not_name_is_not_run()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["none.toml"], "");
        (int code, _, string error) = await Typed.RunAsync(["run", "--policy", folder["none.toml"], "--workspace", folder.Path, "--", "/usr/bin/env"]);
        Assert.Equal((ExitCodes.NotStarted, "claw: /usr/bin/env: policy none does not let /usr/bin/env be executed\n"), (code, error));
    }

    [Fact]
    public async Task A_loader_or_interpreter_that_the_policy_does_not_name_is_named()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["bin.toml"], "[paths]\nread = [\"/usr/**\"]\nexecute = [\"/usr/bin/**\", \"$WORKSPACE/**\"]\n");
        (int code, _, string error) = await Typed.RunAsync(["run", "--policy", folder["bin.toml"], "--workspace", folder.Path, "--", "/usr/bin/env"]);
        Assert.Equal(ExitCodes.NotStarted, code);
        Assert.Matches(@"^claw: /usr/bin/env: policy bin does not let /usr/lib/\S+ be executed, which the kernel starts for /usr/bin/env \(its loader or interpreter\); add it to \[paths\] execute\n$", error);
        File.WriteAllText(folder["script"], "#!/opt/none/such -x\n");
        (code, _, error) = await Typed.RunAsync(["run", "--policy", folder["bin.toml"], "--workspace", folder.Path, "--", "./script"]);
        Assert.Equal((ExitCodes.NotStarted, true), (code, error.Contains($"does not let /opt/none/such be executed, which the kernel starts for {folder["script"]}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_exit_code_is_the_commands_and_its_own_options_are_not_claws()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
        using TestFolder folder = new();
        (int code, _, _) = await Typed.RunAsync(["run", "--policy", "coder", "--workspace", folder.Path, "--", "bash", "--norc", "-c", "echo here > a; ! cat /etc/shadow && exit 7"]);
        Assert.Equal(7, code);
        Assert.Equal("here\n", File.ReadAllText(folder["a"]));
    }

    [Fact]
    public async Task An_audit_stops_nothing_and_says_what_the_policy_denies()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
        using TestFolder folder = new();
        (int code, _, string error) = await Typed.RunAsync(["run", "--policy", "read-only", "--workspace", folder.Path, "--audit", "--", "sh", "-c", "echo x > a; exit 3"]);
        Assert.Equal(3, code);
        Assert.Equal("x\n", File.ReadAllText(folder["a"]));
        Assert.Contains($"audit: open-write {folder.Path}: denied by view+landlock: no rule allows write\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_learned_policy_is_one_that_check_accepts_and_run_takes()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
        using TestFolder folder = new();
        string file = folder["cat.toml"];
        File.WriteAllText(folder["text"], "text\n");
        (int code, string output, string error) = await Typed.RunAsync(["policy", "learn", "--workspace", folder.Path, "--output", file, "--replay", "--", "cat", "text"]);
        Assert.True((code, output) == (0, "text\ntext\n"), error);
        Assert.Equal((0, "cat: ok\n"), (await Typed.RunAsync(["policy", "check", file])) is var (check, said, _) ? (check, said) : default);
        Assert.Equal((0, "text\n"), (await Typed.RunAsync(["run", "--policy", file, "--workspace", folder.Path, "--", "cat", "text"])) is var (run, told, _) ? (run, told) : default);
        Assert.Contains("\"defaultAction\"", File.ReadAllText(folder["cat.seccomp.json"]), StringComparison.Ordinal);
    }
}
