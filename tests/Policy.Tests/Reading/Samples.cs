namespace Policy.Tests.Reading;

/// <summary>Values of every key that must pass, and values that must not, as TOML text without quotes. The parser and the published schema are both held against them.</summary>
internal static class Samples
{
    private static readonly string[] Paths = ["/", "/**", "/usr/**", "/etc/hosts", "/srv/*.txt", "/srv/?/x", "/a b/[c]/é", "$WORKSPACE", "$WORKSPACE/**", "$WORKSPACE/.git/config", "/.hidden/..x/x.."];
    private static readonly string[] BadPaths = ["", "usr", "./a", "~/x", "~", "/a/", "/a//b", "/a/./b", "/a/../b", "/..", "/a/.", "/a***", "/a\\b", "$HOME/x", "$WORKSPACEX", "$WORKSPACE/", "$WORKSPACE/../x", "*", "**"];
    private static readonly string[] Truths = ["true", "false"];
    private static readonly string[] Sizes = ["4096B", "4KiB", "64MiB", "1GiB", "2TiB"];
    private static readonly string[] BadSizes = ["", "64", "64MB", "64M", "64 MiB", "64mib", "-1MiB", "1.5GiB", "064MiB", "MiB", "٤MiB", "64MiB\\n"];

    internal static readonly IReadOnlyDictionary<string, string[]> Good = new Dictionary<string, string[]>
    {
        ["description"] = ["", "Says what it is for."],
        ["extends"] = ["tool-default", "a", "9x"],
        ["secrets"] = ["TOKEN", "_x", "a.b-c", "9"],
        ["launch"] = Truths,
        ["on_revoke"] = ["keep", "kill"],
        ["paths.read"] = Paths,
        ["paths.write"] = Paths,
        ["paths.execute"] = Paths,
        ["paths.deny"] = Paths,
        ["paths.deny_write"] = Paths,
        ["command.path"] = ["/usr/bin/git", "$WORKSPACE/run", "/a b"],
        ["command.arguments"] = ["", "commit", "--message=*", "?", "a b"],
        ["command.forbid"] = ["-c", "--upload-pack*", ""],
        ["command.approve"] = Truths,
        ["host.name"] = ["example.com", "*.example.com", "localhost", "192.0.2.1", "2001:db8::1", "xn--bcher-kva.example", "a_b.example"],
        ["host.ports"] = ["1", "443", "65535"],
        ["host.methods"] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        ["host.paths"] = ["/", "/v1", "/a/b.c~d", "/..a", "/a:b@c"],
        ["syscalls.profile"] = ["default", "tool-default"],
        ["syscalls.allow"] = ["ptrace", "io_uring_setup", "_sysctl"],
        ["syscalls.only"] = ["ptrace", "execve", "_sysctl"],
        ["syscalls.ask"] = ["ptrace", "execveat", "exit_groups"],
        ["limits.cpu"] = ["1%", "50%", "250%", "100000%"],
        ["limits.memory"] = Sizes,
        ["limits.processes"] = ["1", "64", "4194304"],
        ["limits.disk"] = Sizes,
        ["limits.time"] = ["1ms", "30s", "5m", "24h", "365d"],
        ["limits.tokens"] = ["0", "200000", "1000000000000"],
        ["limits.cost"] = ["0 USD", "2.50 USD", "0.0001 USD", "1000000 USD"],
    };

    internal static readonly IReadOnlyDictionary<string, string[]> Bad = new Dictionary<string, string[]>
    {
        ["description"] = [],
        ["extends"] = ["", "Tool", "a b", "-a", "../a", "coder.toml", "é"],
        ["secrets"] = ["", "-a", "a/b", "a b", ".a"],
        ["launch"] = [],
        ["on_revoke"] = ["", "Kill", "true", "kil", "killed"],
        ["paths.read"] = BadPaths,
        ["paths.write"] = BadPaths,
        ["paths.execute"] = BadPaths,
        ["paths.deny"] = BadPaths,
        ["paths.deny_write"] = BadPaths,
        ["command.path"] = [.. BadPaths, "/usr/**", "/usr/bin/*", "/bin/?", "/", "$WORKSPACE", "git"],
        ["command.arguments"] = [],
        ["command.forbid"] = [],
        ["command.approve"] = [],
        ["host.name"] = ["", "*", "*.com", "a.*.com", "Example.com", "example.com.", "https://example.com", "example.com:443", "exa mple.com", "bücher.example", "-a.com", "a..b", "127.1", "0x7f000001", "010.0.0.1", "2001:DB8::1", "1.2.3", "*.1.2"],
        ["host.ports"] = ["0", "65536", "-1"],
        ["host.methods"] = ["", "get", "FETCH", "CONNECT", "TRACE"],
        ["host.paths"] = ["", "v1", "/v1/", "/v1*", "/a//b", "/a/../b", "/a/.", "/%41", "/a?b", "/a b", "//"],
        ["syscalls.profile"] = ["", "Default", "a.json", "a/b"],
        ["syscalls.allow"] = ["", "Ptrace", "io-uring", "9p"],
        ["syscalls.only"] = ["", "Ptrace", "io-uring", "9p", "*"],
        ["syscalls.ask"] = ["", "Ptrace", "9p", "execve", "exit", "exit_group", "restart_syscall", "rt_sigreturn", "sendmsg"],
        ["limits.cpu"] = ["", "50", "0%", "050%", "-5%", "50.5%", "50 %", "100001%", "1000000%"],
        ["limits.memory"] = BadSizes,
        ["limits.processes"] = ["0", "-1", "4194305"],
        ["limits.disk"] = BadSizes,
        ["limits.time"] = ["", "30", "30sec", "1.5h", "0s", "-1s", "5 m", "5min"],
        ["limits.tokens"] = ["-1", "1000000000001"],
        ["limits.cost"] = ["", "2.50", "$2.50", "2.50 EUR", "2.50USD", "2,50 USD", ".5 USD", "1.00001 USD", "-1 USD"],
    };

    /// <summary>Values that the schema lets pass and the parser does not: their form is right and their number is not, or they look like an address.</summary>
    internal static readonly IReadOnlySet<string> BeyondTheSchema = new HashSet<string>
    {
        "100001%", "example.com.", "-a.com", "a..b", "127.1", "0x7f000001", "010.0.0.1", "1.2.3", "*.1.2", "example.com:443",
    };
}
