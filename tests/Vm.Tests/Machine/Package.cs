using System.Text.RegularExpressions;

namespace Vm.Tests.Machine;

/// <summary>A package of the distribution, unpacked beside the build and not installed.</summary>
internal static partial class Package
{
    /// <summary>The newest Linux 6.12 or later that is made for virtual machines.</summary>
    internal static string Kernel()
    {
        string? kept = Directory.EnumerateDirectories(Repository.Kept, "linux-image-*").Order(StringComparer.Ordinal).LastOrDefault();
        return kept ?? Unpack(Tool.Run("/", "apt-cache", "search", "--names-only", "^linux-image-6\\.[0-9]+\\.[0-9]+.*cloud-amd64-unsigned$")
            .Split('\n').Select(line => line.Split(' ')[0]).Where(name => CloudKernel().IsMatch(name))
            .MaxBy(name => Version.Parse(CloudKernel().Match(name).Groups[1].Value))
            ?? throw new InvalidOperationException("no linux-image-6.12...-cloud-amd64-unsigned among the packages of this machine"));
    }

    internal static string Busybox() => Path.Combine(Unpack("busybox-static"), "bin/busybox");

    /// <summary>The folder with the package's files.</summary>
    private static string Unpack(string name)
    {
        string folder = Path.Combine(Repository.Kept, name);
        if (!Directory.Exists(folder))
        {
            string work = Directory.CreateTempSubdirectory("claw-vm-").FullName;
            Tool.Run(work, "apt-get", "download", "-q", name);
            string made = folder + ".new";
            Tool.Run(work, "dpkg-deb", "-x", Directory.GetFiles(work, "*.deb").Single(), made);
            Directory.Move(made, folder);
            Directory.Delete(work, recursive: true);
        }

        return folder;
    }

    // 6.12 and later: Landlock knows scopes since then.
    [GeneratedRegex(@"^linux-image-(6\.(?:1[2-9]|[2-9][0-9])\.[0-9]+)\+?[^-]*-cloud-amd64-unsigned$")]
    private static partial Regex CloudKernel();
}
