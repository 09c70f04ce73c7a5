using System.Globalization;
using System.Text.RegularExpressions;

namespace ClawOS.Security.AppArmor;

/// <summary>Who has loaded a profile: a process, told apart from every other one since the machine was started. It stands in the profile's name, so that what a dead one has left is found.</summary>
/// <param name="root">Where the kernel's files are; "/" but in tests.</param>
internal sealed partial class ProfileOwner(string root)
{
    private readonly string _space = SpaceOf(root);

    /// <summary>This process: its PID namespace, its id, when it was started.</summary>
    internal string This { get; } = $"{SpaceOf(root)}-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}-{StartOf(root, "self")}";

    /// <summary>Whether a profile's name says that one of ours has loaded it, who is no more. Who is in another PID namespace cannot be seen from here, and counts as alive.</summary>
    internal bool HasGone(string name)
    {
        Match owner = Name().Match(name);
        return owner.Success && owner.Groups[1].Value == _space && StartOf(root, owner.Groups[2].Value) != owner.Groups[3].Value;
    }

    /// <summary>Whether a process runs in a profile; attr/current, which is older, may belong to another module. One that is just being made runs in it if its parent does.</summary>
    internal bool IsInUse(string name) => Directory.EnumerateDirectories(Path.Combine(root, "proc"), "*").Any(process =>
        char.IsAsciiDigit(Path.GetFileName(process)[0]) && Read(Path.Combine(process, "attr/apparmor/current")) is { } label && (label == name || label.StartsWith(name + " (", StringComparison.Ordinal)));

    private static string SpaceOf(string root) => new FileInfo(Path.Combine(root, "proc/self/ns/pid")).LinkTarget is { } link ? link.Trim("pid:[]".ToCharArray()) : "0";

    /// <summary>Field 22 of /proc/PID/stat, behind the name in brackets, which may hold anything; empty when there is no such process.</summary>
    private static string StartOf(string root, string process)
    {
        const int StartBehindName = 20;
        string stat = Read(Path.Combine(root, "proc", process, "stat")) ?? "";
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ');
        return fields.Length > StartBehindName ? fields[StartBehindName] : "";
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\n', '\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // It has ended meanwhile.
        }
    }

    [GeneratedRegex(@"^claw\.[A-Za-z0-9_-]*\.([0-9]+)-([0-9]+)-([0-9]+)-[0-9]+$")]
    private static partial Regex Name();
}
