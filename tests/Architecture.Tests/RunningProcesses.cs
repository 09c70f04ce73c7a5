using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClawOS.Mounting;

namespace Architecture.Tests;

/// <summary>What each process of a real mount is and links, read back from /proc: the table in ARCHITECTURE.md, checked.</summary>
public sealed partial class RunningProcesses
{
    private static readonly string[] FileSystemSide = ["ClawFS.Vfs", "ClawFS.Store", "ClawFS.Crypto", "ClawFS.Fuse", "ClawFS.Trees", "SQLitePCLRaw.core", "NSec.Cryptography"];
    private static readonly string[] CommandLineSide = ["System.CommandLine", "Spectre.Console"];

    private static readonly Dictionary<string, string[]> NeverLinked = new()
    {
        ["supervisor"] = [.. FileSystemSide, .. CommandLineSide, "System.Net.Http"],
        ["fs"] = [.. CommandLineSide, "System.Net.Http", "System.Net.Sockets", "claw-embed", "Microsoft.ML.OnnxRuntime", "Microsoft.ML.Tokenizers"],
        ["guard"] = [.. FileSystemSide, .. CommandLineSide, "System.Net.Http", "System.Net.Sockets"],
        ["notify"] = [.. FileSystemSide, .. CommandLineSide, "System.Net.Http", "System.Net.Sockets"],
    };

    [Fact]
    public void Each_process_links_only_what_its_job_needs()
    {
        Need.Root();
        using ClawMount mount = new ClawMount().Up();
        File.WriteAllText(Path.Combine(mount.Memory, "a"), "a");
        Rule.NoneBreaks(Services(mount).SelectMany(service => NeverLinked[service.Name]
            .Intersect(Assemblies(service.Pid))
            .Select(assembly => $"{service.Name} links {assembly}")));
    }

    [Fact]
    public void Only_fs_serves_and_only_the_supervisor_keeps_a_second_copy_of_the_connection()
    {
        Need.Root();
        using ClawMount mount = new ClawMount().Up();
        Assert.Equal(
            ["fs 1", "guard 0", "notify 0", "supervisor 1"],
            Services(mount).Select(service => $"{service.Name} {OpenFiles(service.Pid).Count(path => path == "/dev/fuse")}").Order());
    }

    [Fact]
    public void No_service_has_something_open_in_the_mount_it_serves()
    {
        Need.Root();
        using ClawMount mount = new ClawMount().Up();
        Rule.NoneBreaks(Services(mount)
            .Where(service => service.Name is not ("notify" or "guard"))
            .SelectMany(service => OpenFiles(service.Pid).Append(Link($"/proc/{service.Pid}/cwd")).Append(Link($"/proc/{service.Pid}/root"))
                .Where(path => path.StartsWith(mount.Mount, StringComparison.Ordinal))
                .Select(path => $"{service.Name} has {path} open")));
    }

    [Fact]
    public void Only_fs_has_the_store_open_and_nobody_the_key_file()
    {
        Need.Root();
        using ClawMount mount = new ClawMount().Up();
        Assert.Equal(["fs"], Services(mount).Where(service => OpenFiles(service.Pid).Any(path => path.StartsWith(mount.Store, StringComparison.Ordinal))).Select(service => service.Name));
        Rule.NoneBreaks(Services(mount).Where(service => OpenFiles(service.Pid).Any(path => path.EndsWith(".key", StringComparison.Ordinal))).Select(service => service.Name));
    }

    [Fact]
    public void Fs_and_notify_have_no_privilege_left()
    {
        Need.Root();
        using ClawMount mount = new ClawMount().Up();
        foreach ((string name, int pid) in Services(mount).Where(service => service.Name is "fs" or "notify"))
        {
            string status = File.ReadAllText($"/proc/{pid}/status");
            string uid = name == "fs" ? "60911" : "60912";
            Assert.Contains($"Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n", status, StringComparison.Ordinal);
            Assert.Contains($"Groups:\t{uid} \n", status, StringComparison.Ordinal);
            Assert.Contains("CapPrm:\t0000000000000000\n", status, StringComparison.Ordinal);
            Assert.Contains("NoNewPrivs:\t1\n", status, StringComparison.Ordinal);
            Assert.Contains("Max core file size        0                    0", File.ReadAllText($"/proc/{pid}/limits"), StringComparison.Ordinal);
        }
    }

    private static IEnumerable<(string Name, int Pid)> Services(ClawMount mount) =>
        JsonNode.Parse(mount.Claw("status", "--json").Must().Out)!["services"]!.AsArray()
            .Select(service => (service!["name"]!.GetValue<string>(), service["pid"]!.GetValue<int>()));

    private static IEnumerable<string> Assemblies(int pid) => File.ReadLines($"/proc/{pid}/maps")
        .Select(line => AssemblyPath().Match(line))
        .Where(match => match.Success)
        .Select(match => match.Groups[1].Value)
        .Distinct();

    private static IEnumerable<string> OpenFiles(int pid) => Directory.GetFiles($"/proc/{pid}/fd").Select(Link);

    private static string Link(string path) => new FileInfo(path).LinkTarget ?? "";

    [GeneratedRegex(@"/([^/]+)\.dll$")]
    private static partial Regex AssemblyPath();
}
