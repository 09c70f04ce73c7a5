using System.Text.RegularExpressions;

namespace Vm.Tests.Machine;

/// <summary>The root of the guest: an ext4 image with a small Linux, the .NET runtime and the test programs, made anew for each run of the tests and only read by guests.</summary>
internal static partial class GuestDisk
{
    private const string Runtime = "Microsoft.NETCore.App";

    private static readonly string[] Programs = ["bash", "sh", "grep", "sed", "ps", "find", "git", "apparmor_parser", "python3", "ip"];

    // All their programs.
    private static readonly string[] Packages = ["coreutils", "util-linux", "mount"];

    // What .NET and Python load by name.
    private static readonly string[] Libraries = ["libstdc++.so.6", "libgcc_s.so.1", "libz.so.1", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libffi.so.8", "libcap.so.2", "libssl.so.3", "libcrypto.so.3"];

    private static readonly Lazy<string> Made = new(Make);

    /// <summary>Path of the image.</summary>
    internal static string Image => Made.Value;

    /// <summary>claw.dll of this machine; null where it is not built.</summary>
    internal static string? Claw { get; } = new[] { Environment.GetEnvironmentVariable("CLAW_BIN"), Path.Combine(Repository.Artifacts, "bin/Cli/release/claw.dll") }.FirstOrDefault(File.Exists);

    private static string Make()
    {
        string folder = Directory.CreateTempSubdirectory("claw-vm-").FullName;
        foreach (string name in (string[])["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "proc", "sys", "dev", "tmp", "run", "root", "etc", "claw"])
            Directory.CreateDirectory(Path.Combine(folder, name));
        foreach (string name in (string[])["bin", "sbin", "lib", "lib64"])
            File.CreateSymbolicLink(Path.Combine(folder, name), "usr/" + name);
        foreach (string program in Programs.Select(Tool.Find).Concat(Packages.SelectMany(ProgramsOf)).OfType<string>())
            AddProgram(folder, program);
        foreach (Match library in LibraryLine().Matches(Tool.Run("/", "ldconfig", "-p")).Where(line => Libraries.Contains(line.Groups[1].Value)))
            Add(folder, library.Groups[2].Value);
        foreach (string tree in (string[])["/etc/apparmor.d/abi", .. Directory.GetDirectories("/usr/lib", "python3.*")])
            AddTree(folder, tree);
        AddRuntime(folder);
        SystemdDisk.AddTo(folder, program => AddProgram(folder, program));
        AddClaw(folder);
        foreach (string tests in (string[])["AppArmor.Tests", "Cgroups.Tests", "Sandbox.Tests"])
            Tool.Run("/", "cp", "-r", Path.Combine(Repository.Artifacts, "bin", tests, "release"), Path.Combine(folder, "claw", tests));
        File.Copy(Package.Busybox(), Path.Combine(folder, "usr/bin/busybox"), overwrite: true);
        File.WriteAllText(Path.Combine(folder, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
        File.WriteAllText(Path.Combine(folder, "etc/shadow"), "root:*:1::::::\n");
        File.WriteAllText(Path.Combine(folder, "etc/hostname"), "guest\n");
        File.WriteAllText(Path.Combine(folder, "etc/group"), "root:x:0:\n");
        string image = Path.Combine(Repository.Kept, "root.img");
        File.Delete(image);
        Tool.Run("/", "truncate", "-s", "900M", image);
        Tool.Run("/", "mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-F", "-d", folder, image);
        Directory.Delete(folder, recursive: true);
        return image;
    }

    private static IEnumerable<string> ProgramsOf(string package) =>
        Tool.Run("/", "dpkg", "-L", package).Split('\n').Where(path => path.Contains("bin/", StringComparison.Ordinal) && File.Exists(path));

    private static void AddProgram(string folder, string program)
    {
        Add(folder, program);
        // A library's file under the name by which it is looked for.
        foreach (Match library in Absolute().Matches(Tool.Run("/", "sh", "-c", $"ldd {program} 2>/dev/null || :")))
            Add(folder, library.Groups[1].Value);
    }

    /// <summary>The program that users run, without what other systems need of it.</summary>
    private static void AddClaw(string folder)
    {
        if (Claw is null)
            return;
        string target = Path.Combine(folder, "claw/Cli");
        Tool.Run("/", "cp", "-rL", Path.GetDirectoryName(Claw)!, target);
        foreach (string system in Directory.Exists(Path.Combine(target, "runtimes")) ? Directory.GetDirectories(Path.Combine(target, "runtimes")) : [])
        {
            if (Path.GetFileName(system) is not ("linux-x64" or "linux" or "unix"))
                Directory.Delete(system, recursive: true);
        }
    }

    private static void AddRuntime(string folder)
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string root = Path.GetFullPath("../../..", runtime);
        AddTree(folder, runtime, $"/usr/share/dotnet/shared/{Runtime}/{Path.GetFileName(runtime)}");
        AddTree(folder, Path.Combine(root, "host"), "/usr/share/dotnet/host");
        File.Copy(Path.Combine(root, "dotnet"), Path.Combine(folder, "usr/share/dotnet/dotnet"));
    }

    private static void Add(string folder, string path)
    {
        string target = folder + path;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (!File.Exists(target))
            File.Copy(path, target);
    }

    private static void AddTree(string folder, string tree, string? place = null)
    {
        string target = folder + (place ?? tree);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        Tool.Run("/", "cp", "-rL", tree, target);
    }

    [GeneratedRegex(@"(/\S+) \(0x")]
    private static partial Regex Absolute();

    [GeneratedRegex(@"^\s+(\S+) \(libc6,x86-64.*\) => (\S+)$", RegexOptions.Multiline)]
    private static partial Regex LibraryLine();
}
