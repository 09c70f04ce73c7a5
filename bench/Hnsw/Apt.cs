using ClawOS.Bench.Fs;

namespace ClawOS.Bench.Hnsw;

/// <summary>Debian packages that the benchmark needs.</summary>
internal static class Apt
{
    /// <summary>Installs packages that are not there yet.</summary>
    public static void Install(params string[] packages)
    {
        string[] missing = [.. packages.Where(package => !Directory.EnumerateFiles("/var/lib/dpkg/info", $"{package}*.list")
            .Any(file => Path.GetFileName(file).Split(':')[0] == package || Path.GetFileName(file) == $"{package}.list"))];
        if (missing.Length > 0)
            Command.Run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", .. missing]);
    }
}
