using Vm.Tests.Machine;

namespace Vm.Tests;

/// <summary>`claw run` as people use it, on a kernel with AppArmor: each command runs in a profile of its policy, which is gone behind it.</summary>
public sealed class CommandTests(ITestOutputHelper output)
{
    private const string Policy = """
        [paths]
        read = ["/usr/**", "/etc/ld.so.cache", "$WORKSPACE/*.txt"]
        execute = ["/usr/**"]
        """;

    private const string Script = """
        export CLAW_STATE=/tmp/state GIT_CONFIG_GLOBAL=/dev/null
        claw() { /usr/share/dotnet/dotnet /claw/Cli/claw.dll "$@"; }
        mkdir -p /srv/desk
        cd /srv/desk
        echo plain > a.txt
        echo hidden > b.key
        echo "[pattern]"
        claw run --policy /claw/trial/patterns.toml -- bash -c 'cat a.txt; cat b.key; cat /proc/self/attr/current'
        echo "[git]"
        git init -q . 2>/dev/null
        claw run --policy coder -- bash -c 'git add a.txt && git -c user.name=n -c user.email=e commit -q -m first && git log --format=%s; cat /etc/shadow'
        echo "[moved]"
        claw run --policy coder -- bash -c 'mv .git away; echo x > .git/config; git status --short'
        echo "[new]"
        mkdir /srv/new
        cd /srv/new
        claw policy explain coder --workspace . "open-write /srv/new/.git/config"
        claw run --policy coder -- bash -c 'git init -q .; echo "code $?"; git init -q below && mv below/.git .git; ln -s below/.git .git'
        ls -A
        cd /srv/desk
        echo "[streams]"
        claw run --policy coder -- bash -c 'cat; echo to a file' < /etc/hostname > /srv/outside.txt
        cat /srv/outside.txt
        echo "[terminal]"
        python3 -c 'import pty; pty.spawn(["/usr/share/dotnet/dotnet", "/claw/Cli/claw.dll", "run", "--policy", "coder", "--", "bash", "-c", "test -t 0 && test -t 1 && echo on a terminal > /dev/tty"])'
        echo "[ordinary]"
        chmod 755 /srv/desk
        setpriv --reuid 1000 --regid 1000 --clear-groups sh -c 'CLAW_STATE=/tmp/other HOME=/tmp /usr/share/dotnet/dotnet /claw/Cli/claw.dll run --policy /claw/trial/patterns.toml -- true'
        echo "code $?"
        echo "[left]"
        grep -c '^claw[.]' /sys/kernel/security/apparmor/profiles
        echo "[doctor]"
        claw doctor | grep -E '^(AppArmor|seccomp)'
        """;

    [Fact]
    public void Commands_run_in_the_profile_of_their_policy()
    {
        Guest.Need();
        string printed = Guest.Run(Script, ("claw-exec", GuestTests.Launcher()), ("patterns.toml", System.Text.Encoding.UTF8.GetBytes(Policy)));
        output.WriteLine(printed);
        string pattern = Part(printed, "pattern");
        Assert.Contains("plain\n", pattern, StringComparison.Ordinal);
        Assert.Contains("b.key: Permission denied", pattern, StringComparison.Ordinal);
        Assert.Matches(@"\nclaw\.patterns\.[0-9]+-[0-9]+-[0-9]+-1 \(enforce\)\n", pattern);
        Assert.Contains("first\n", Part(printed, "git"), StringComparison.Ordinal);
        Assert.Contains("/etc/shadow: No such file", Part(printed, "git"), StringComparison.Ordinal);
        string moved = Part(printed, "moved");
        Assert.Matches("mv: cannot move '.git' to 'away': (Device or resource busy|Permission denied)", moved);
        Assert.Matches("config: (Read-only file system|Permission denied)", moved);
        // The evaluator and AppArmor agree, and the other layers could not: the folder is not there yet.
        string fresh = Part(printed, "new");
        Assert.Contains("denied by", fresh, StringComparison.Ordinal);
        Assert.Matches("/srv/new/\\.git: Permission denied\ncode [1-9]", fresh);
        Assert.Contains("mv: cannot move 'below/.git' to '.git': Permission denied", fresh, StringComparison.Ordinal);
        Assert.Contains("ln: failed to create symbolic link '.git': Permission denied", fresh, StringComparison.Ordinal);
        Assert.EndsWith("\nbelow\n", fresh, StringComparison.Ordinal);
        Assert.Contains("guest\nto a file\n", Part(printed, "streams"), StringComparison.Ordinal);
        Assert.Contains("on a terminal", Part(printed, "terminal"), StringComparison.Ordinal);
        Assert.Contains("only AppArmor could", Part(printed, "ordinary"), StringComparison.Ordinal);
        Assert.Contains("code 1\n", Part(printed, "ordinary"), StringComparison.Ordinal);
        Assert.Equal("0", Part(printed, "left").Trim());
        Assert.Matches(@"AppArmor +ok +active", Part(printed, "doctor"));
        Assert.Matches(@"supervised calls +ok +active", Part(printed, "doctor"));
    }

    /// <summary>What stands behind [NAME].</summary>
    internal static string Part(string printed, string name)
    {
        int begin = printed.IndexOf($"[{name}]\n", StringComparison.Ordinal) + name.Length + 3, end = printed.IndexOf("\n[", begin, StringComparison.Ordinal);
        return end < 0 ? printed[begin..] : printed[begin..(end + 1)];
    }
}
