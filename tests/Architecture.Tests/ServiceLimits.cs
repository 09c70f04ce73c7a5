using System.Globalization;
using System.Text.Json.Nodes;
using ClawOS.Mounting;
using ClawOS.Security.Sandbox.Services;

namespace Architecture.Tests;

/// <summary>The table of services against what /proc says of those that run: a limit that is only written down fails here.</summary>
public sealed class ServiceLimits
{
    private const ulong AdministerSystem = 1ul << (int)Capability.SysAdmin;

    [Fact]
    public void Each_service_is_confined_as_the_table_says()
    {
        Need.Root();
        Need.Launcher();
        using ClawMount mount = new ClawMount().Up();
        ulong own = Mask(Status(Environment.ProcessId), "CapBnd");
        foreach ((ServiceRow row, int pid, Dictionary<string, string> status) in Services(mount))
        {
            Assert.Equal(Join(row.User ?? 0), status["Uid"]);
            Assert.True(Mask(status, "CapBnd") == (row.CapabilityMask & own), $"{row.Name} has the bounding set {status["CapBnd"]}");
            Assert.Equal(row.NoNewPrivileges ? "1" : "0", status["NoNewPrivs"]);
            Assert.Equal(row.Profile is null ? "0" : "2", status["Seccomp"]);
            bool apart = row.OwnNamespaces && (own & AdministerSystem) != 0;
            Assert.All(["net", "ipc", "uts"], kind => Assert.True(
                (Link($"/proc/{pid}/ns/{kind}") != Link($"/proc/self/ns/{kind}")) == apart, $"{row.Name}: {kind} namespace {Link($"/proc/{pid}/ns/{kind}")}"));
        }
    }

    /// <summary>Each of the three is told by what the kernel shows, not by what the table claims.</summary>
    [Fact]
    public void No_process_holds_more_than_one_of_master_key_network_and_kernel_privilege()
    {
        Need.Root();
        Need.Launcher();
        using ClawMount mount = new ClawMount().Up();
        foreach ((ServiceRow row, int pid, Dictionary<string, string> status) in Services(mount))
        {
            string[] open = [.. Directory.GetFiles($"/proc/{pid}/fd").Select(Link)];
            List<Holding> holds = [];
            if (open.Any(path => path.StartsWith(mount.Store, StringComparison.Ordinal)))
                holds.Add(Holding.MasterKey);
            if (open.Any(path => IsNetworkSocket(pid, path)))
                holds.Add(Holding.Network);
            if (Mask(status, "CapEff") != 0)
                holds.Add(Holding.KernelPrivilege);
            Assert.True(holds.Count <= 1, $"{row.Name} holds {string.Join(" and ", holds)}");
            Assert.Equal(row.Holds, holds.SingleOrDefault(Holding.Nothing));
        }
    }

    [Fact]
    public void The_documents_tell_the_table()
    {
        string[] lines = Sources.Read("docs/hardening.md").Split('\n');
        Rule.NoneBreaks(ServiceTable.Rows.Select(Row).Where(row => !lines.Contains(row)));
    }

    private static string Row(ServiceRow row) =>
        $"| `{row.Name}` | {Words(row.Holds)} | {(row.User is { } uid ? $"{uid}" : "root")} | {string.Join(", ", row.Capabilities.Select(capability => capability.KernelName()["CAP_".Length..]).Order(StringComparer.Ordinal))} "
        + $"| {(row.OwnNamespaces ? "net, ipc, uts" : "-")} | {(row.NoNewPrivileges ? "yes" : "no")} | {(row.Profile is { } profile ? $"`{profile}`" : "-")} | {(row.HasLandlock ? "yes" : "-")} | {row.Why} |";

    private static string Words(Holding holding) => holding switch { Holding.Nothing => "-", Holding.MasterKey => "master key", Holding.Network => "network", _ => "kernel privilege" };

    private static IEnumerable<(ServiceRow Row, int Pid, Dictionary<string, string> Status)> Services(ClawMount mount) =>
        JsonNode.Parse(mount.Claw("status", "--json").Must().Out)!["services"]!.AsArray()
            .Select(service => (service!["name"]!.GetValue<string>(), service["pid"]!.GetValue<int>()))
            .Select(service => (ServiceTable.Find(service.Item1) ?? throw new InvalidOperationException($"{service.Item1} runs and is not in the table"), service.Item2, Status(service.Item2)));

    private static Dictionary<string, string> Status(int pid) => File.ReadLines($"/proc/{pid}/status").Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());

    private static ulong Mask(Dictionary<string, string> status, string name) => ulong.Parse(status[name], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Join(uint uid) => string.Join('\t', Enumerable.Repeat(uid, 4));

    private static bool IsNetworkSocket(int pid, string path) =>
        path.StartsWith("socket:[", StringComparison.Ordinal) && ((string[])["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "icmp", "packet"])
            .Select(table => $"/proc/{pid}/net/{table}")
            .Where(File.Exists)
            .Any(table => File.ReadLines(table).Any(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(path["socket:[".Length..^1])));

    private static string Link(string path) => new FileInfo(path).LinkTarget ?? "";
}
