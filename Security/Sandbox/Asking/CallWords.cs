using System.Globalization;

namespace ClawOS.Security.Sandbox.Asking;

/// <summary>Words for registers that name a thing by a number, for calls that people are likely to be asked about. The numbers are those of x86_64 and aarch64 alike.</summary>
internal static class CallWords
{
    private static readonly Dictionary<ulong, string> Families = new() { [1] = "AF_UNIX", [2] = "AF_INET", [10] = "AF_INET6", [16] = "AF_NETLINK", [17] = "AF_PACKET", [40] = "AF_VSOCK" };
    private static readonly Dictionary<ulong, string> Types = new() { [1] = "SOCK_STREAM", [2] = "SOCK_DGRAM", [3] = "SOCK_RAW", [5] = "SOCK_SEQPACKET" };
    private static readonly Dictionary<ulong, string> Signals = new() { [0] = "no signal", [1] = "SIGHUP", [2] = "SIGINT", [3] = "SIGQUIT", [6] = "SIGABRT", [9] = "SIGKILL", [15] = "SIGTERM", [18] = "SIGCONT", [19] = "SIGSTOP" };
    private static readonly (ulong Bit, string Word)[] Protections = [(1, "PROT_READ"), (2, "PROT_WRITE"), (4, "PROT_EXEC")];

    private static readonly (ulong Bit, string Word)[] Namespaces =
        [(0x20000, "CLONE_NEWNS"), (0x2000000, "CLONE_NEWCGROUP"), (0x4000000, "CLONE_NEWUTS"), (0x8000000, "CLONE_NEWIPC"), (0x10000000, "CLONE_NEWUSER"), (0x20000000, "CLONE_NEWPID"), (0x40000000, "CLONE_NEWNET")];

    internal static IReadOnlyList<string> Of(string name, IReadOnlyList<ulong> registers) => name switch
    {
        "socket" or "socketpair" => [Word(Families, (uint)registers[0]), Word(Types, registers[1] & 0xF)],
        "kill" or "tkill" => [$"to {(int)registers[0]}", Word(Signals, (uint)registers[1])],
        "tgkill" => [$"to {(int)registers[1]}", Word(Signals, (uint)registers[2])],
        "mmap" or "mprotect" => [Bits(Protections, registers[2])],
        "clone" or "unshare" => [Bits(Namespaces, registers[0])],
        "setns" => [Bits(Namespaces, registers[1])],
        _ => [],
    };

    private static string Word(Dictionary<ulong, string> words, ulong number) => words.GetValueOrDefault(number) ?? number.ToString(CultureInfo.InvariantCulture);

    private static string Bits((ulong Bit, string Word)[] words, ulong number) =>
        string.Join('|', words.Where(word => (number & word.Bit) != 0).Select(static word => word.Word)) is { Length: > 0 } text ? text : "none of the flags with a word";
}
