using System.Diagnostics;
using System.Text.Json.Nodes;
using ClawOS.Mount.Tests.Restart;
using ClawOS.Mount.Tests.Search;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Sandboxes;

/// <summary>What a program in a sandbox has of guard: a launch socket in its /claw, and a stand-in for each command that needs the owner's yes.</summary>
public sealed class LaunchSocketTests : ProductTests, IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    // Asks for what it is called with, lends its own streams and folder, prints each answer.
    private const string Client = """
        import array, json, os, socket, sys, time
        def ask(message, descriptors):
            while True:
                s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                try:
                    s.connect("/claw/run/launch")
                    break
                except (FileNotFoundError, ConnectionRefusedError):
                    time.sleep(0.02)  # It is bound when the sandbox has been registered, and anew when fs or guard begins anew.
            s.sendmsg([json.dumps(message).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])
            while answer := s.recv(65536):
                print("answer", answer.decode(), flush=True)
        here = os.open(sys.argv[2] if len(sys.argv) > 2 else ".", os.O_PATH)
        message = json.loads(sys.argv[1])
        ask(message, [0, 1, 2, here] if "launch" in message else [0])
        """;

    private readonly TestFolder _work = new();
    private readonly TestFolder _tools = new();

    public LaunchSocketTests()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
        if (!File.Exists("/usr/bin/python3"))
            Assert.Skip("needs /usr/bin/python3");
        File.WriteAllText(_work["ask.py"], Client);
        File.WriteAllText(Tool, "#!/bin/sh\necho \"deployed $1 in $(pwd)\"; cat /claw/memory/a/file; exit 7\n");
        File.SetUnixFileMode(Tool, (UnixFileMode)0b111_101_101);
    }

    public void Dispose()
    {
        _work.Dispose();
        _tools.Dispose();
    }

    private string Tool => _tools["deploy"];

    [Fact]
    public void A_program_in_a_sandbox_has_commands_started_within_its_policy_and_no_other()
    {
        using ClawMount claw = Filled();
        string printed = Inside(claw, $$"""
            until [ -S /claw/run/launch ]; do sleep 0.02; done
            ls /claw /claw/run; ls /claw/approvals
            ask() { /usr/bin/python3 ask.py "$@"; }
            ask '{"launch":{"command":["/bin/sh","-c","cat /claw/memory/a/file; ls /claw/memory; pwd; cat /etc/passwd"],"folder":"{{_work.Path}}"} }'
            ask '{"launch":{"policy":"narrow","command":["/bin/sh","-c","cat /claw/memory/a/file || echo narrower"],"folder":"{{_work.Path}}"} }'
            ask '{"launch":{"policy":"coder","command":["/bin/true"],"folder":"{{_work.Path}}"} }'
            ask '{"launch":{"command":["/bin/ls","/etc"],"workspace":"/etc","folder":"{{_work.Path}}"} }'
            ask '{"launch":{"command":["/bin/true"],"folder":"/usr"} }'
            ask '{"launch":{"command":["/bin/pwd"],"folder":"/claw/memory/a"} }' /claw/memory/a
            ask '{"register":{"policy":"agent","pid":1} }'
            """);
        Assert.Contains("/claw:\nREADME\nmemory\nrun\n\n/claw/run:\nlaunch\n", printed, StringComparison.Ordinal);
        Assert.Contains("'/claw/approvals': No such file or directory", printed, StringComparison.Ordinal);
        Assert.Contains($"of a\na\n{_work.Path}\ncat: /etc/passwd: No such file or directory\n", printed, StringComparison.Ordinal);
        Assert.Contains("/claw/memory/a/file: No such file or directory\nnarrower\n", printed, StringComparison.Ordinal);
        Assert.Contains("coder is not agent", printed, StringComparison.Ordinal);
        Assert.Contains("cannot open directory '/etc': Permission denied", printed, StringComparison.Ordinal);
        Assert.Contains("/usr is not the folder that came along", printed, StringComparison.Ordinal);
        Assert.Contains("\n/claw/memory/a\n", printed, StringComparison.Ordinal);
        Assert.Contains("not a request", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_needs_a_yes_is_called_like_any_other_and_runs_when_it_is_there()
    {
        using ClawMount claw = Filled();
        using RunningProgram inside = claw.Start(Words(claw, "agent", $"{Tool} now; echo \"status $?\"; {Tool} again; echo \"status $?\""));
        string id = Asked(claw, "now");
        Assert.Contains($"{Tool}", File.ReadAllText(Path.Combine(claw.Mount, "approvals", id)), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(claw.Mount, "approvals", id), "yes\n");
        File.WriteAllText(Path.Combine(claw.Mount, "approvals", Asked(claw, "again")), "no\n");
        ProgramResult ended = inside.Wait(s_limit);
        Assert.Equal($"deployed now in {_work.Path}\nof a\nstatus 7\nstatus 126\n", ended.Out);
        Assert.Contains($"claw: waits for the owner's yes: {id} (claw approve {id})\n", ended.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_without_launch_and_a_killed_guard_and_a_killed_fs()
    {
        using ClawMount claw = Filled();
        RestartedFs fs = new(claw);
        using RunningProgram inside = claw.Start(Words(claw, "careful", $$"""
            exec 2>&1
            /usr/bin/python3 ask.py '{"launch":{"command":["/bin/true"],"folder":"{{_work.Path}}"} }'
            for step in one two three; do
                {{Tool}} $step; echo "status $?"
                until [ -e $step ]; do sleep 0.05; done
            done
            """));
        Yes(claw, "one");
        Assert.True(inside.WaitFor("status 7", s_limit), inside.Printed);
        Assert.Contains("lets nothing be started from inside", inside.Printed, StringComparison.Ordinal);
        fs.Kill();
        fs.WaitForSuccessor();
        File.WriteAllText(_work["one"], "");
        Yes(claw, "two");
        Assert.True(inside.WaitFor("deployed two", s_limit), inside.Printed);
        using (Process guard = Process.GetProcessById(Guard(claw)))
            guard.Kill();
        File.WriteAllText(_work["two"], "");
        Yes(claw, "three");
        Assert.True(inside.WaitFor("deployed three", s_limit), inside.Printed);
        File.WriteAllText(_work["three"], "");
        inside.Wait(s_limit);
    }

    [Fact]
    public void A_sandbox_that_was_started_from_inside_keeps_its_view_and_its_socket_when_fs_is_killed()
    {
        using ClawMount claw = Filled();
        RestartedFs fs = new(claw);
        string inner = $"cat /claw/memory/a/file; until [ -e go ]; do sleep 0.05; done; cat /claw/memory/a/file; {Tool} inner";
        using RunningProgram inside = claw.Start(Words(claw, "agent", $"/usr/bin/python3 ask.py '{{\"launch\":{{\"command\":[\"/bin/sh\",\"-c\",\"{inner}\"],\"folder\":\"{_work.Path}\"}}}}'"));
        Assert.True(inside.WaitFor("of a", s_limit), inside.Printed);
        fs.Kill();
        fs.WaitForSuccessor();
        File.WriteAllText(_work["go"], "");
        Yes(claw, "inner");
        ProgramResult ended = inside.Wait(s_limit);
        Assert.Equal(3, ended.Out.Split("of a\n").Length - 1);
        Assert.Contains($"deployed inner in {_work.Path}", ended.Out, StringComparison.Ordinal);
        Waiting.Until(() => File.ReadAllLines(Path.Combine(claw.Mount, "run/list")).Length, static lines => lines == 1, s_limit);
    }

    private ClawMount Filled()
    {
        ClawMount claw = new ClawMount().Up();
        foreach (string name in (string[])["a", "b"])
        {
            Directory.CreateDirectory(Path.Combine(claw.Memory, name));
            File.WriteAllText(Path.Combine(claw.Memory, name, "file"), $"of {name}\n");
        }

        string rules = $"""
            [paths]
            read = ["/claw/memory/a/**", "/usr/**", "/bin/**", "/lib/**", "/lib64/**", "/etc/ld.so.cache", "/dev/null", "$WORKSPACE/**"]
            execute = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**"]

            [syscalls]
            profile = "default"

            [[command]]
            path = "{Tool}"
            approve = true
            """;
        Save(claw, "agent", $"launch = true\n{rules}");
        Save(claw, "careful", rules);
        Save(claw, "narrow", """
            extends = "agent"
            [paths]
            read = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**", "/etc/ld.so.cache", "/dev/null", "$WORKSPACE/**"]
            """);
        return claw;
    }

    private static void Save(ClawMount claw, string name, string text) => File.WriteAllText(Path.Combine(claw.Mount, "policy/active", $"{name}.toml"), text);

    private string[] Words(ClawMount claw, string policy, string script) =>
        ["run", "--policy", policy, "--workspace", _work.Path, "--mount", claw.Mount, "--", "bash", "-c", script];

    private string Inside(ClawMount claw, string script) => claw.Claw(Words(claw, "agent", $"exec 2>&1\n{script}")).Out;

    private static void Yes(ClawMount claw, string word) => File.WriteAllText(Path.Combine(claw.Mount, "approvals", Asked(claw, word)), "yes\n");

    /// <summary>The approval whose card has a word, when it is there.</summary>
    private static string Asked(ClawMount claw, string word) => Path.GetFileName(Waiting.Until(() => Cards(claw).FirstOrDefault(card => card.Text.Contains($"\"{word}\"]", StringComparison.Ordinal)).Path, static path => path is not null, s_limit)!);

    private static List<(string Path, string Text)> Cards(ClawMount claw)
    {
        try
        {
            return [.. Directory.GetFiles(Path.Combine(claw.Mount, "approvals")).Select(path => (path, File.ReadAllText(path)))];
        }
        catch (IOException)
        {
            return []; // Answered meanwhile, or fs has just been killed.
        }
    }

    private static int Guard(ClawMount claw) => JsonNode.Parse(claw.Claw("status", "--json").Must().Out)!["services"]!.AsArray()
        .First(service => service!["name"]!.GetValue<string>() == "guard")!["pid"]!.GetValue<int>();
}
