using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using Sandbox.Tests.Differential;

namespace Sandbox.Tests;

/// <summary>
/// The attempts of <see cref="EscapeTests"/> and some more, with every layer on, with each switched off alone, and with each switched on alone: docs/escapes.md says which layers stop an attempt, and this
/// holds it to that. CLAW_REGENERATE=1 writes the page.
/// </summary>
public sealed class EscapeLayersTests
{
    private const string Page = "docs/escapes.md", Denied = nameof(EscapeTests.What_is_denied_inside_an_allowed_folder_stays_denied);
    private const string Begin = "<!-- begin attempts -->\n", End = "<!-- end attempts -->\n";
    private const int NeededLandlock = 6;

    private static readonly (string Group, string Code)[] More =
    [
        ("Races and names", "open('WORKSPACE/here', 'w').close()\nif os.fork() == 0:\n    for i in range(3000):\n        os.symlink(('/etc/shadow', 'WORKSPACE/here')[i % 2], 'WORKSPACE/next')\n        os.rename('WORKSPACE/next', 'WORKSPACE/link')\n    os._exit(0)\nfor i in range(3000):\n    try:\n        if open('WORKSPACE/link').read(4) == 'root': break\n    except OSError: pass\nelse:\n    raise OSError(errno.EACCES, 'never')"),
        ("Races and names", "socket.getaddrinfo('example.com', 80)"),
        ("Races and names", "open('/proc/sys/kernel/modprobe', 'w')"),
        ("Races and names", "os.mkfifo('/usr/share/fifo')"),
        ("Races and names", "open('/sys/kernel/uevent_helper', 'w')"),
        ("Races and names", "open('/proc/kcore', 'rb').read(1)"),
        ("Races and names", "call(155, b'.', b'.')"),
        ("Races and names", "call(437, -100, b'/etc/shadow', ctypes.create_string_buffer(24), 24)"),
        ("Races and names", "call(312, 1, 1, 0, 0, 0)"),
        ("Races and names", "call(173, 3)"),
    ];

    [Fact]
    public void Each_attempt_is_stopped_and_by_the_layers_that_the_page_names()
    {
        Need();
        (string Group, string Code)[] attempts = [.. Rows(), .. More];
        Assert.InRange(attempts.Length, 60, 200);
        using Box box = new();
        (string Group, string Code)[] placed = [.. attempts.Select((attempt, i) => (attempt.Group, Place(box, attempt, i)))];
        SandboxPlan full = box.Plan("/usr/bin/python3", "-IS", "-c", Program(placed.Select(attempt => attempt.Item2)));
        using Box open = new();
        // The machine as it is, but read-only: what gets through must not change it.
        open.Rules.Clear();
        open.Rules.AddRange([Box.Tree("/", PathAccess.Read | PathAccess.Execute), Box.Tree(box.Workspace, PathAccess.Read | PathAccess.Write)]);
        SandboxPlan whole = open.Plan("/usr/bin/true");
        string[] every = Outcomes(box, full, attempts.Length), none = Outcomes(box, Off(full, open), attempts.Length);
        (string Name, string[] Without, string[] Alone)[] layers =
        [
            ("landlock", Outcomes(box, LayersOff.Landlock(full), attempts.Length), Outcomes(box, LayersOff.View(LayersOff.Filters(full), whole), attempts.Length)),
            ("seccomp", Outcomes(box, LayersOff.Filters(full), attempts.Length), Outcomes(box, LayersOff.View(LayersOff.Landlock(full), whole), attempts.Length)),
            ("view", Outcomes(box, LayersOff.View(full, whole), attempts.Length), Outcomes(box, LayersOff.Landlock(LayersOff.Filters(full)), attempts.Length)),
        ];
        string[] through = [.. attempts.Where((_, i) => every[i] == "escaped").Select(attempt => attempt.Code)];
        Assert.True(through.Length == 0, string.Join('\n', through));
        StringBuilder text = new("| attempt | with every layer | the layer without which it gets through | layers that stop it alone |\n|---|---|---|---|\n");
        for (int i = 0; i < attempts.Length; i++)
        {
            string[] needed = [.. layers.Where(layer => layer.Without[i] == "escaped").Select(layer => layer.Name)], enough = [.. layers.Where(layer => layer.Alone[i] != "escaped").Select(layer => layer.Name)];
            text.Append("| `").Append(Short(attempts[i].Code)).Append("` | ").Append(every[i]).Append(" | ").Append(needed.Length == 0 ? "none alone" : string.Join(", ", needed))
                .Append(" | ").Append(none[i] == "EROFS" ? "view, read-only" : none[i] != "escaped" ? "namespaces" : enough.Length == 0 ? "only several together" : string.Join(", ", enough)).Append(" |\n");
        }

        Compare(text.ToString());
    }

    /// <summary>Run in the guest of Vm.Tests, whose kernel has AppArmor: CLAW_TABLE names the file for the table, which is held against the page there.</summary>
    [Fact]
    public void AppArmor_alone_stops_what_it_is_about()
    {
        Need();
        AppArmorLoader loader = new();
        if (loader.WhyNot() is { } reason)
            Assert.Skip(reason);
        string? table = Environment.GetEnvironmentVariable("CLAW_TABLE");
        if (string.IsNullOrEmpty(table))
            Assert.Skip("./claw test --vm runs this in a guest");
        (string Group, string Code)[] attempts = [.. Rows(), .. More];
        using Box box = new();
        string[] placed = [.. attempts.Select((attempt, i) => Place(box, attempt, i))];
        using Box open = new();
        open.Rules.Clear();
        open.Rules.AddRange([Box.Tree("/", PathAccess.Read | PathAccess.Execute), Box.Tree(box.Workspace, PathAccess.Read | PathAccess.Write)]);
        ProfileText profile = ProfileText.Of(box.Policy());
        loader.Load(ProfileCompiler.Compile(profile.Text));
        try
        {
            string[] command = ["/usr/bin/python3", "-IS", "-c", Program(placed)];
            string[] nothing = Outcomes(box, Off(box.Plan(command), open), attempts.Length), profiled = Outcomes(box, Off(box.PlanIn(profile.Name, command), open), attempts.Length);
            int[] through = [.. Enumerable.Range(0, attempts.Length).Where(i => nothing[i] == "escaped")];
            StringBuilder text = new("| attempt | with AppArmor alone |\n|---|---|\n");
            foreach (int i in through)
                text.Append("| `").Append(Short(attempts[i].Code)).Append("` | ").Append(profiled[i] == "escaped" ? "gets through" : profiled[i]).Append(" |\n");
            File.WriteAllText(table, text.ToString());
        }
        finally
        {
            loader.Remove(profile.Name);
        }
    }

    private static SandboxPlan Off(SandboxPlan plan, Box open) => LayersOff.View(LayersOff.Landlock(LayersOff.Filters(plan)), open.Plan("/usr/bin/true"));

    private static IEnumerable<(string Group, string Code)> Rows() => typeof(EscapeTests).GetMethods()
        .SelectMany(method => method.GetCustomAttributes<InlineDataAttribute>().Select(row => (method.Name, (string)row.Data[0]!)));

    /// <summary>A folder for each attempt, so that none disturbs another.</summary>
    private static string Place(Box box, (string Group, string Code) attempt, int number)
    {
        string folder = $"{box.Workspace}/{number}";
        Lay(folder);
        if (attempt.Group == Denied)
        {
            box.Rules.AddRange([
                Box.Denied($"{folder}/secret", isTree: false), Box.Denied($"{folder}/keys"), Box.Denied($"{folder}/above/inner/secret", isTree: false), Box.Denied($"{folder}/fixed", PathAccess.Write)]);
        }

        return attempt.Code.Replace("WORKSPACE", folder, StringComparison.Ordinal).Replace("PORT", "9", StringComparison.Ordinal).Replace("ABSTRACT", $"claw-{number}", StringComparison.Ordinal);
    }

    /// <summary>What an attempt is about, as it was before the last sitting.</summary>
    private static void Lay(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        foreach (string file in (string[])["secret", "keys/one", "above/inner/secret", "fixed/a"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{folder}/{file}")!);
            File.WriteAllText($"{folder}/{file}", "secret");
        }
    }

    /// <summary>Each attempt in a process of its own, one after the other; what ends without a word has become another program.</summary>
    private static string Program(IEnumerable<string> attempts) => $$"""
        import ctypes, errno, os, signal, socket, stat, sys, time
        libc = ctypes.CDLL(None, use_errno=True)
        def call(number, *arguments):
            ctypes.set_errno(0)
            if libc.syscall(ctypes.c_long(number), *[a if isinstance(a, (bytes, ctypes.Array)) else ctypes.c_long(a) for a in arguments]) < 0:
                raise OSError(ctypes.get_errno(), 'refused')
        attempts = [{{string.Join(", ", attempts.Select(code => $"bytes.fromhex('{Convert.ToHexString(Encoding.UTF8.GetBytes(code))}').decode()"))}}]
        for number, code in enumerate(attempts):
            reader, writer = os.pipe()
            child = os.fork()
            if child == 0:
                signal.alarm(120)
                try:
                    exec(code, globals())
                    word = 'escaped'
                except OSError as error:
                    word = errno.errorcode.get(error.errno, str(error.errno))
                os.write(writer, word.encode())
                os._exit(0)
            os.close(writer)
            _, status = os.waitpid(child, 0)
            word = os.read(reader, 100).decode() if not os.WIFSIGNALED(status) else 'killed'
            os.close(reader)
            print(number, word or 'escaped', flush=True)
        """;

    private static string[] Outcomes(Box box, SandboxPlan plan, int count)
    {
        for (int i = 0; i < count; i++)
            Lay($"{box.Workspace}/{i}");
        Outcome outcome = box.Run(plan);
        Assert.True(outcome.Result.Reason == SandboxEnd.Exited, $"{outcome.Result}: {(outcome.Result.Step == LaunchStep.Mount ? plan.View[outcome.Result.Item] : null)}");
        string[] lines = outcome.Must().Split('\n');
        Assert.Equal(Enumerable.Range(0, count), lines.Select(line => int.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
        // A call that makes a process lets two tell of it.
        return [.. lines.Select(line => line.Split(' ')[1]).Select(word => word.StartsWith("escaped", StringComparison.Ordinal) ? "escaped" : word)];
    }

    private static string Short(string code)
    {
        string line = code.Replace("import fcntl; ", "", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);
        return line.StartsWith("open('WORKSPACE/here'", StringComparison.Ordinal) ? "a link that is turned to /etc/shadow and back while it is opened" : line.ReplaceLineEndings(" ");
    }

    private static void Compare(string table)
    {
        string path = Path.Combine(ClawExec.Root(), Page);
        string page = File.ReadAllText(path);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("CLAW_REGENERATE") == "1")
            File.WriteAllText(path, page[..from] + table + page[to..]);
        else
            Assert.Equal(page[from..to], table);
    }

    private static void Need()
    {
        if (!File.Exists("/usr/bin/python3"))
            Assert.Skip("needs python3: apt-get install python3");
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("the numbers of the attempts are those of x86-64");
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root: the permissions of others' files answer first");
        if (LandlockSupport.Detect().Version < NeededLandlock)
            Assert.Skip($"needs version {NeededLandlock} of Landlock's interface: Linux 6.12");
    }
}
