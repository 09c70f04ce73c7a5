using System.Text.RegularExpressions;

namespace Vm.Tests.Machine;

/// <summary>A package of the distribution, unpacked beside the build and not installed.</summary>
internal static partial class Package
{
    // Tests run side by side, and each asks first.
    private static readonly Lock Unpacking = new();

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
        lock (Unpacking)
        {
            if (Directory.Exists(folder))
                return folder;
            // Its name begins as no package's does: what an interrupted run left is not taken for one.
            string work = Directory.CreateDirectory(Path.Combine(Repository.Kept, $"new-{Environment.ProcessId}")).FullName;
            try
            {
                Tool.Run(work, "apt-get", "download", "-q", name);
                Tool.Run(work, "dpkg-deb", "-x", Directory.GetFiles(work, "*.deb").Single(), "files");
                Directory.Move(Path.Combine(work, "files"), folder);
            }
            finally
            {
                Directory.Delete(work, recursive: true);
            }

            return folder;
        }
    }

    // 6.12 and later: Landlock knows scopes since then.
    [GeneratedRegex(@"^linux-image-(6\.(?:1[2-9]|[2-9][0-9])\.[0-9]+)\+?[^-]*-cloud-amd64-unsigned$")]
    private static partial Regex CloudKernel();
}
