using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp;

/// <summary>Whether a name can stand in a profile.</summary>
internal static class SyscallNames
{
    /// <summary>What is wrong with a name in a profile for some architectures; null if one of them has the call.</summary>
    internal static (string Message, string? Suggestion)? Fault(string name, IReadOnlyCollection<Architecture> architectures)
    {
        if (Tables(architectures).Any(table => table.TryGetNumber(name, out _)))
        {
            return null;
        }

        return Tables(SyscallTable.Architectures).FirstOrDefault(table => table.TryGetNumber(name, out _)) is { } other
            ? ($"{name} is a system call of {other.ProfileName} only, which the profile does not list", null)
            : ($"no system call is named {name}", NearestName.Of(name, Tables(architectures).SelectMany(static table => table.Names).Distinct()));
    }

    private static IEnumerable<SyscallTable> Tables(IEnumerable<Architecture> architectures) => architectures.Select(SyscallTable.For);
}
