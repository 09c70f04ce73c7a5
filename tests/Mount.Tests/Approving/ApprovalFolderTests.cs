using System.Diagnostics;
using System.Text.Json.Nodes;
using ClawOS.Mount.Tests.Restart;
using ClawOS.Mount.Tests.Search;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Approving;

/// <summary>approvals/ in a real mount with a real guard: answered by shells and by claw approve, watched, and with fs and guard killed.</summary>
public sealed class ApprovalFolderTests : ProductTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public ApprovalFolderTests()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
    }

    [Fact]
    public void A_shell_and_claw_approve_answer_once_and_nothing_else_is_an_answer()
    {
        using ClawMount claw = new ClawMount().Up();
        Assert.Contains("nothing waits", claw.Claw("approve").Must().Out, StringComparison.Ordinal);
        using Question first = Question.Ask(claw, "draw \u001b[2J\u202e on the terminal"), second = Question.Ask(claw, "second"), third = Question.Ask(claw, "third");
        string listed = Waiting.Until(() => claw.Claw("approve", "--list").Must().Out, text => text.Contains("third", StringComparison.Ordinal), s_limit);
        Assert.Contains(first.Id, listed, StringComparison.Ordinal);
        string card = Shell(claw.Mount, $"cat approvals/{first.Id}");
        Assert.Contains("\\u001B[2J\\u202E", card, StringComparison.Ordinal);
        Assert.DoesNotContain(card, static letter => char.IsControl(letter) && letter != '\n');

        // Whoever asks has it still after each of these.
        Assert.Contains("Invalid argument", TryShell(claw.Mount, $"echo maybe > approvals/{first.Id}").Err, StringComparison.Ordinal);
        Assert.Contains("Invalid argument", TryShell(claw.Mount, $"printf 'yes\\r\\n' > approvals/{first.Id}").Err, StringComparison.Ordinal);
        Assert.Contains("approvals/" + first.Id, File.ReadAllText(Path.Combine(claw.Mount, "sys/errors")), StringComparison.Ordinal);
        foreach (string line in (string[])["ls approvals", $"cat approvals/{first.Id}", $"echo yes > approvals/{first.Id}"])
            Assert.Contains("Permission denied", TryShell(claw.Mount, $"setpriv --reuid 65534 --regid 65534 --clear-groups bash -c '{line}'").Err, StringComparison.Ordinal);
        ProgramResult removed = TryShell(claw.Mount, $"rm -f approvals/{first.Id}");
        Assert.True(removed.Err.Contains("Operation not permitted", StringComparison.Ordinal), $"{removed}\n{File.ReadAllText(Path.Combine(claw.Mount, "events"))}");
        Assert.Equal("600", Shell(claw.Mount, $"stat -c %a approvals/{first.Id}").Trim());

        ProgramResult answered = TryShell(claw.Mount, $"exec 3>approvals/{first.Id}; echo yes >&3; echo no >&3; echo no > approvals/{first.Id}");
        Assert.Contains("Operation already in progress", answered.Err, StringComparison.Ordinal);
        Assert.Contains("No such file or directory", answered.Err, StringComparison.Ordinal);
        Assert.Equal("accepted", first.Outcome());

        Assert.Contains($"{second.Id}: you said no", claw.Claw("approve", second.Id, "--deny").Must().Out, StringComparison.Ordinal);
        Assert.Equal("denied", second.Outcome());
        Assert.Contains($"{third.Id}: you said yes", claw.Claw("approve", third.Id).Must().Out, StringComparison.Ordinal);
        Assert.Equal("accepted", third.Outcome());
        Assert.Equal(5, claw.Claw("approve", third.Id).ExitCode);
        Assert.Empty(Directory.GetFiles(Path.Combine(claw.Mount, "approvals")));
        Waiting.Until(() => Outcomes(claw, first.Id), told => told.SequenceEqual(["asked", "yes", "accepted"]), s_limit);
        Waiting.Until(() => Outcomes(claw, second.Id), told => told.SequenceEqual(["asked", "no", "denied"]), s_limit);
    }

    [Fact]
    public void On_a_terminal_each_is_asked_about_and_what_was_typed_before_it_was_shown_is_no_answer()
    {
        Need.Program("python3");
        using ClawMount claw = new ClawMount().Up();
        using Question one = Question.Ask(claw, "one"), two = Question.Ask(claw, "two");
        Question[] sorted = [.. new[] { one, two }.OrderBy(static asked => asked.Id, StringComparer.Ordinal)];
        Waiting.Until(() => Directory.GetFiles(Path.Combine(claw.Mount, "approvals")).Length, count => count == 2, s_limit);
        ProgramResult shown = Run(new ProgramOptions { Environment = new Dictionary<string, string?> { ["CLAW_STATE"] = claw.State } }, "python3", ["-c", Terminal, "y", "n,y", .. Repository.ClawCommand(), "approve"]);
        Assert.True(shown.ExitCode == 0, shown.ToString());
        Assert.Equal("denied", sorted[0].Outcome());
        Assert.Equal("accepted", sorted[1].Outcome());
    }

    /// <summary>An ID that a program in a sandbox prints may be that of another question.</summary>
    [Fact]
    public void On_a_terminal_one_that_is_named_is_shown_and_asked_about_too()
    {
        Need.Program("python3");
        using ClawMount claw = new ClawMount().Up();
        foreach ((string word, string[] more, string outcome) in ((string, string[], string)[])[("n", [], "denied"), ("y", [], "accepted"), ("n", ["--yes"], "accepted")])
        {
            using Question asked = Question.Ask(claw, $"is it {outcome}");
            Waiting.Until(() => File.Exists(Path.Combine(claw.Mount, "approvals", asked.Id)), found => found, s_limit);
            ProgramResult shown = Run(new ProgramOptions { Environment = new Dictionary<string, string?> { ["CLAW_STATE"] = claw.State } }, "python3", ["-c", Terminal, "y", word, .. Repository.ClawCommand(), "approve", asked.Id, .. more]);
            Assert.True(shown.ExitCode == 0, shown.ToString());
            Assert.Contains("is it", shown.Out, StringComparison.Ordinal);
            Assert.Equal(outcome, asked.Outcome());
        }
    }

    // A terminal: types the first word at once, and each of the others when it is asked.
    private const string Terminal = """
        import os, pty, sys
        early, answers, command = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
        child, terminal = pty.fork()
        if child == 0:
            os.execvp(command[0], command)
        os.write(terminal, (early + "\n").encode())
        seen, asked = b"", 0
        while True:
            try:
                got = os.read(terminal, 4096)
            except OSError:
                break
            if not got:
                break
            seen += got
            while asked < len(answers) and seen.count(b"[y/n] ") > asked:
                os.write(terminal, (answers[asked] + "\n").encode())
                asked += 1
        sys.stdout.write(seen.decode())
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """;

    [Fact]
    public void A_watch_of_the_folder_hears_of_what_comes_and_of_what_goes()
    {
        Need.Program("inotifywait");
        using ClawMount claw = new ClawMount().Up();
        using RunningProgram watch = Start(new ProgramOptions(), "inotifywait", "-m", "-e", "modify", Path.Combine(claw.Mount, "approvals"));
        Assert.True(SpinWait.SpinUntil(() => watch.Printed.Contains("Watches established", StringComparison.Ordinal), s_limit), watch.Printed);
        using Question asked = Question.Ask(claw, "first");
        Assert.True(watch.WaitFor($"MODIFY {asked.Id}", s_limit), watch.Printed);
        Assert.True(watch.WaitFor("MODIFY .changed", s_limit), watch.Printed);
        int before = Changes(watch);
        asked.Dispose();
        Assert.True(SpinWait.SpinUntil(() => Changes(watch) > before, s_limit), watch.Printed);
        Waiting.Until(() => Outcomes(claw, asked.Id), told => told.SequenceEqual(["asked", "withdrawn"]), s_limit);
        Assert.Empty(Directory.GetFiles(Path.Combine(claw.Mount, "approvals")));

        static int Changes(RunningProgram watch) => watch.Printed.Split("MODIFY .changed").Length;
    }

    [Fact]
    public void A_killed_fs_shows_it_again_and_with_guard_it_is_gone()
    {
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        using Question asked = Question.Ask(claw, "waits through a kill");
        string path = Path.Combine(claw.Mount, "approvals", asked.Id);
        Waiting.Until(() => File.Exists(path), found => found, s_limit);
        fs.Kill();
        fs.WaitForSuccessor();
        Waiting.Until(() => File.Exists(path), found => found, s_limit);
        Shell(claw.Mount, $"echo yes > approvals/{asked.Id}");
        Assert.Equal("accepted", asked.Outcome());

        using Question lost = Question.Ask(claw, "goes with guard");
        path = Path.Combine(claw.Mount, "approvals", lost.Id);
        Waiting.Until(() => File.Exists(path), found => found, s_limit);
        using (Process guard = Process.GetProcessById(Guard(claw)))
            guard.Kill();
        Assert.Null(lost.Outcome());
        Waiting.Until(() => File.Exists(path), found => !found, s_limit);
        Waiting.Until(() => Outcomes(claw, lost.Id), told => told.SequenceEqual(["asked", "lost"]), s_limit);
        using Question next = Question.Ask(claw, "at the next guard");
        Waiting.Until(() => claw.Claw("approve", next.Id).ExitCode, code => code == 0, s_limit);
        Assert.Equal("accepted", next.Outcome());
    }

    private static string[] Outcomes(ClawMount claw, string id) => [.. File.ReadLines(Path.Combine(claw.Mount, "events"))
        .Where(line => line.Contains($"approvals/{id}\"", StringComparison.Ordinal))
        .Select(static line => JsonNode.Parse(line)!["outcome"]!.GetValue<string>())];

    private static int Guard(ClawMount claw) => JsonNode.Parse(claw.Claw("status", "--json").Must().Out)!["services"]!.AsArray()
        .First(service => service!["name"]!.GetValue<string>() == "guard")!["pid"]!.GetValue<int>();
}
