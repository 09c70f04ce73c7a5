using System.Text;
using System.Text.RegularExpressions;
using Vm.Tests.Machine;

namespace Vm.Tests;

/// <summary>A mount of root's on a kernel with AppArmor: guard starts sandboxes in profiles, changes these with the policies, and has none left behind; commands that wait for a yes wait in them, too.</summary>
public sealed partial class MountTests(ITestOutputHelper output)
{
    private const string Policy = """
        launch = true
        [paths]
        read = ["/usr/**", "/etc/ld.so.cache", "/dev/null", "$WORKSPACE/**", "/claw/memory/a/**"]
        write = ["/dev/null", "$WORKSPACE/**"]
        execute = ["/usr/**"]
        deny = ["$WORKSPACE/*.key"]
        [syscalls]
        profile = "default"
        [[command]]
        path = "/srv/tools/deploy"
        approve = true
        [[command]]
        path = "/srv/tools/erase"
        approve = true

        """;

    /// <summary>Asks at a launch socket for a shell's command line in the working folder, and lends its own streams.</summary>
    internal const string Client = """
        import array, json, os, socket, sys, time
        while True:
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                s.connect(sys.argv[1])
                break
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.1)
        wanted = {"command": ["/usr/bin/bash", "-c", sys.argv[2]], "folder": os.getcwd()}
        if len(sys.argv) > 3:
            wanted |= {"policy": sys.argv[3], "workspace": os.getcwd()}
        descriptors = array.array("i", [0, 1, 2, os.open(".", os.O_PATH)])
        s.sendmsg([json.dumps({"launch": wanted}).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        while answer := s.recv(65536):
            print("answer", answer.decode(), flush=True)
        """;

    private const string Script = """
        export CLAW_STATE=/srv/state
        claw() { /usr/share/dotnet/dotnet /claw/Cli/claw.dll "$@"; }
        loaded() { sed -n 's/^\(claw[.][^ ]*\) .*/\1/p' /sys/kernel/security/apparmor/profiles; }
        confined() { grep -ls "^$1 (enforce)" /proc/[0-9]*/attr/apparmor/current | wc -l; }
        await() { until eval "$1"; do sleep 0.5; done; }
        guard() { claw status --json | python3 -IS -c 'import json, sys; print(*[s["pid"] for s in json.load(sys.stdin)["services"] if s["name"] == "guard"])'; }
        launch() { python3 -IS /srv/desk/ask.py /mnt/claw/run/launch "$1" agent; }
        mkdir -p /srv/desk /srv/tools /mnt/claw
        cp ask.py /srv/desk
        cd /srv/desk
        echo plain > a.txt
        echo hidden > b.key
        printf '#!/bin/sh\necho "deployed $1 in $(pwd)"\ncat /proc/self/attr/current /claw/memory/a/file b.key\nexit 7\n' > /srv/tools/deploy
        cp /srv/tools/deploy /srv/tools/erase
        chmod 755 /srv/tools/*
        claw up /mnt/claw --store /srv/store > /dev/null
        mkdir /mnt/claw/memory/a
        echo stored > /mnt/claw/memory/a/file
        cp /claw/trial/agent.toml /mnt/claw/policy/active/agent.toml

        echo "[launched]"
        launch 'cat a.txt b.key; while cat a.txt > /dev/null 2>&1; do sleep 0.2; done; cat a.txt b.key; cat /proc/self/attr/current' > /srv/launched 2>&1 &
        await 'grep -q "b.key: Permission denied" /srv/launched'
        name=$(loaded)
        echo "name $name guard $(guard) confined $(confined "$name")"
        sed -i 's/\*[.]key/*.txt/' /mnt/claw/policy/active/agent.toml
        wait
        await 'grep -q "^r1 agent" /mnt/claw/run/applied'
        cat /srv/launched /mnt/claw/run/applied
        echo "[kept]"
        launch 'cat /proc/self/attr/current'
        echo "kept $(loaded)"
        # What an administrator's program may do: it is loaded again.
        printf %s "$name" > /sys/kernel/security/apparmor/.remove
        launch 'cat /proc/self/attr/current'
        cp /claw/trial/agent.toml /mnt/claw/policy/active/agent.toml

        echo "[asked]"
        answer() {
            # Who asks may have ended: what it said is shown below.
            await '[ -n "$(ls /mnt/claw/approvals)" ] || ! kill -0 $asks'
            id=$(ls /mnt/claw/approvals)
            [ -n "$id" ] || return
            claw approve "$id" $1 --mount /mnt/claw > /dev/null
            await '! [ -e "/mnt/claw/approvals/$id" ]'
        }
        claw run --policy agent --mount /mnt/claw -- bash -c 'cat /proc/self/attr/current
            /srv/tools/deploy now > out.txt; echo "status $?"; cat out.txt
            /srv/tools/deploy scratch > /tmp/out; echo "status $?"; cat /tmp/out
            /srv/tools/deploy pipe | cat
            /srv/tools/erase all; echo "status $?"
            python3 -IS ask.py /claw/run/launch "echo from inside; cat /proc/self/attr/current; cat b.key"' > /srv/asked 2>&1 &
        asks=$!
        answer; answer; answer; answer --deny
        wait
        cat /srv/asked
        echo "[alone]"
        claw policy compile agent --mount /mnt/claw --workspace /srv/desk --apparmor --apparmor-text > /srv/text
        apparmor_parser --config-file /dev/null -K -a /srv/text
        name=$(sed -n 's/^profile "\([^"]*\)".*/\1/p' /srv/text)
        sh -c 'echo "exec $1" > /proc/self/attr/apparmor/exec; exec bash -c "/srv/tools/deploy x; echo code \$?; cat a.txt"' sh "$name" 2>&1
        printf %s "$name" > /sys/kernel/security/apparmor/.remove

        echo "[killed]"
        first=$(guard)
        kill -9 "$first"
        await '[ "$(guard)" != "$first" ] && [ "$(guard)" != 0 ]'
        await '[ -z "$(loaded)" ]'
        launch 'cat /proc/self/attr/current'
        echo "left $(loaded | wc -l)"
        echo "[down]"
        claw down /mnt/claw > /dev/null
        echo "left $(loaded | wc -l)"

        """;

    [Fact]
    public void What_guard_starts_is_in_a_profile_that_follows_its_policy_and_goes_behind_it()
    {
        Guest.Need();
        string printed = Guest.Run(Script, ("claw-exec", GuestTests.Launcher()), ("agent.toml", Encoding.UTF8.GetBytes(Policy)), ("ask.py", Encoding.UTF8.GetBytes(Client)));
        output.WriteLine(printed);

        string launched = CommandTests.Part(printed, "launched");
        Match name = Name().Match(launched);
        Assert.True(name.Success, launched);
        Assert.Equal(name.Groups["owner"].Value, name.Groups["guard"].Value);
        string profile = name.Groups["name"].Value;
        Assert.NotEqual("0", name.Groups["confined"].Value);
        // A machine that is loaded takes longer than guard waits for what it tells.
        Assert.Matches($"agent: (AppArmor: {Regex.Escape(profile)} says it now|not known: it took too long)", launched);
        // Before the save and behind it.
        Assert.Matches($"\nplain\n.*b\\.key: Permission denied\n(answer .*\n)*.*a\\.txt: Permission denied\nhidden\n{Regex.Escape(profile)} \\(enforce\\)\n", launched);

        string kept = CommandTests.Part(printed, "kept");
        Assert.Contains($"kept {profile}\n", kept, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(kept, $"^{Regex.Escape(profile)} \\(enforce\\)$", RegexOptions.Multiline));

        string asked = CommandTests.Part(printed, "asked");
        foreach (string word in (string[])["now", "scratch", "pipe"])
            Assert.Matches($"deployed {word} in /srv/desk\nclaw\\.agent\\.[0-9-]+ \\(enforce\\)\nstored\n", asked);
        Assert.Equal(2, Regex.Count(asked, "^status 7$", RegexOptions.Multiline));
        Assert.Contains("status 126\n", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("deployed all", asked, StringComparison.Ordinal);
        Assert.Matches("from inside\nclaw\\.agent\\.[0-9-]+ \\(enforce\\)\n", asked);
        Assert.DoesNotContain("hidden", asked, StringComparison.Ordinal);

        string alone = CommandTests.Part(printed, "alone");
        Assert.Contains("/srv/tools/deploy: Permission denied", alone, StringComparison.Ordinal);
        Assert.Contains("code 126\nplain\n", alone, StringComparison.Ordinal);

        string killed = CommandTests.Part(printed, "killed");
        Assert.Matches("claw\\.agent\\.[0-9-]+ \\(enforce\\)\n", killed);
        Assert.DoesNotContain(profile, killed, StringComparison.Ordinal);
        Assert.Contains("left 1\n", killed, StringComparison.Ordinal);
        Assert.Contains("left 0\n", CommandTests.Part(printed, "down"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^name (?<name>claw\.agent\.[0-9]+-(?<owner>[0-9]+)-[0-9]+-1) guard (?<guard>[0-9]+) confined (?<confined>[0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex Name();
}
