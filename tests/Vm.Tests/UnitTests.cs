using System.Globalization;
using System.Text;
using ClawOS.Security.Sandbox.Services;
using Vm.Tests.Machine;

namespace Vm.Tests;

/// <summary>The unit that claw install writes, with a real systemd as process 1: started, read back from /proc, killed, stopped, removed.</summary>
public sealed class UnitTests(ITestOutputHelper output)
{
    // What systemd gives a meaning to: spaces, specifiers, variables.
    private const string Mount = "/mnt/a b%h$x", Program = "/opt/a b%h$x/claw";

    [Fact]
    public void The_unit_mounts_confines_restarts_stops_and_leaves_nothing()
    {
        Guest.Need();
        if (SystemdDisk.WhyNot() is { } reason)
            Assert.Skip(reason);
        string printed = Guest.RunUnderSystemd(Script, ("claw-exec", GuestTests.Launcher()), ("ask.py", Encoding.UTF8.GetBytes(MountTests.Client)));
        output.WriteLine(printed);
        Dictionary<string, string> told = printed.Split('\n').Where(line => line.StartsWith("told ", StringComparison.Ordinal)).Select(line => line.Split(' ', 3)).ToDictionary(words => words[1], words => words.Length > 2 ? words[2] : "");
        Assert.Equal("written", told["memory"]);
        Assert.Equal("active", told["state"]);
        Assert.Equal("yes", told["enabled"]);
        Assert.Matches(@"^claw\.coder\.[0-9-]+ \(enforce\)$", told["launched"]);
        Assert.Equal("written", told["memory-after-kill"]);
        Assert.NotEqual(told["pid"], told["pid-after-kill"]);
        Assert.Equal(("inactive", "success", "0", "0"), (told["state-after-stop"], told["result-after-stop"], told["mounts-after-stop"], told["processes-after-stop"]));
        Assert.Equal(("0", "not-found"), (told["files-after-uninstall"], told["load-after-uninstall"]));
        Confined(printed);
    }

    /// <summary>Every service has what the table says, within what the unit leaves all of them.</summary>
    private static void Confined(string printed)
    {
        ulong unit = ServiceTable.Find("supervisor")!.CapabilityMask;
        string[][] services = [.. printed.Split('\n').Where(line => line.StartsWith("service ", StringComparison.Ordinal)).Select(line => line.Split(' '))];
        Assert.Equal(["claw", "fs", "guard", "notify", "supervisor"], services.Select(words => words[1]).Order(StringComparer.Ordinal));
        int filters = Filters(Status(services.Single(words => words[1] == "claw")));
        Assert.True(filters > 0);
        foreach (string[] words in services)
        {
            Dictionary<string, string> status = Status(words);
            ServiceRow? row = ServiceTable.Find(words[1]);
            ulong bounding = ulong.Parse(status["CapBnd"], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Assert.True(bounding == (row?.CapabilityMask ?? unit), $"{words[1]} has the bounding set {status["CapBnd"]}");
            Assert.Equal($"{row?.User ?? 0}", status["Uid"]);
            Assert.Equal(row is { NoNewPrivileges: true } ? "1" : "0", status["NoNewPrivs"]);
            // The unit's filter, and below it the service's own.
            Assert.Equal("2", status["Seccomp"]);
            Assert.Equal(filters + (row?.Profile is null ? 0 : 1), Filters(status));
            Assert.Equal("0", status["core"]);
            Assert.Equal("/system.slice/claw.service", status["group"][.."/system.slice/claw.service".Length]);
            Assert.Equal(row is { OwnNamespaces: true } ? "own" : "machine", status["net"]);
        }
    }

    private static Dictionary<string, string> Status(string[] words) => words.Skip(2).Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    // systemd makes several of one unit's.
    private static int Filters(Dictionary<string, string> status) => int.Parse(status["Seccomp_filters"], CultureInfo.InvariantCulture);

    private const string Script = $$"""
        mount='{{Mount}}' program='{{Program}}'
        mkdir -p "${program%/*}" /srv "$mount"
        printf '%s\n' '#!/bin/sh' 'export CLAW_EXEC=/claw/trial/claw-exec' 'exec /usr/share/dotnet/dotnet /claw/Cli/claw.dll "$@"' > "$program"
        chmod 755 "$program"
        export CLAW_SCRIPT="$program" CLAW_STATE='/srv/state %h $x'
        systemctl show-environment > /dev/null || echo no manager
        # The unit's own lines come to the console at any time: what is told is shown behind all of them.
        trap 'cat told' EXIT
        tell() { echo "told $1 $2" >> told; }
        # A unit that has failed for good is told by its state; whatever else takes long is waited for.
        await() { until eval "$1"; do [ "$(systemctl is-failed claw)" != failed ] || { echo "the unit has failed"; systemctl status claw; dmesg | tail -n 40; return 1; }; sleep 1; done; }
        "$program" init /srv/store
        "$program" install "$mount" --store /srv/store --enable
        await '[ -e "$mount/README" ]' || exit
        echo written > "$mount/memory/x"
        tell memory "$(cat "$mount/memory/x")"
        tell state "$(systemctl is-active claw)"
        tell enabled "$([ -L /etc/systemd/system/multi-user.target.wants/claw.service ] && echo yes)"
        pid=$(systemctl show -P MainPID claw)
        tell pid "$pid"
        show() {
            printf 'service %s' "$1"
            sed -nE 's/^(CapBnd|NoNewPrivs|Seccomp|Seccomp_filters):\s+(\S+).*/ \1=\2/p; s/^(Uid):\s+(\S+).*/ \1=\2/p' "/proc/$2/status" | tr -d '\n'
            printf ' core=%s' "$(sed -nE 's/^Max core file size +(\S+).*/\1/p' "/proc/$2/limits")"
            printf ' group=%s' "$(sed -nE 's/^0:://p' "/proc/$2/cgroup")"
            [ "$(readlink "/proc/$2/ns/net")" = "$(readlink /proc/1/ns/net)" ] && echo ' net=machine' || echo ' net=own'
        }
        show claw "$pid" >> told
        # The mount is there before the last service runs.
        await '"$program" status --json > status.json; python3 -IS -c "import json; [print(s[\"name\"], s[\"pid\"]) for s in json.load(open(\"status.json\"))[\"services\"]]" > services; [ -s services ] && ! grep -q " 0$" services' || exit
        while read -r name number; do show "$name" "$number"; done < services >> told
        # guard can do under the unit what it is there for: a sandbox, in a profile.
        mkdir /srv/desk
        tell launched "$(cd /srv/desk && python3 -IS /claw/trial/ask.py "$mount/run/launch" 'cat /proc/self/attr/current' coder | grep -v answer)"
        # Killed from outside: it is there again, with what was written.
        kill -9 "$pid"
        await '[ "$(systemctl show -P MainPID claw)" != 0 ] && [ "$(systemctl show -P MainPID claw)" != '"$pid"' ] && [ -e "$mount/README" ]' || exit
        tell memory-after-kill "$(cat "$mount/memory/x")"
        tell pid-after-kill "$(systemctl show -P MainPID claw)"
        systemctl stop claw
        tell state-after-stop "$(systemctl is-active claw)"
        tell result-after-stop "$(systemctl show -P Result claw)"
        tell mounts-after-stop "$(grep -c fuse /proc/self/mountinfo)"
        tell processes-after-stop "$(cat /sys/fs/cgroup/system.slice/claw.service/cgroup.procs 2>/dev/null | wc -l)"
        "$program" install --uninstall
        tell files-after-uninstall "$(find /etc/systemd /run/systemd/system -name '*claw*' | wc -l)"
        tell load-after-uninstall "$(systemctl show -P LoadState claw)"

        """;
}
