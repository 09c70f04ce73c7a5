using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp;

/// <summary>Names and numbers of an architecture's system calls. The files in Tables/ say where they come from.</summary>
public sealed class SyscallTable
{
    private static readonly Lazy<SyscallTable> s_x64 = new(() => Load(Architecture.X64, "x86_64.txt"));
    private static readonly Lazy<SyscallTable> s_arm64 = new(() => Load(Architecture.Arm64, "aarch64.txt"));

    private readonly FrozenDictionary<string, int> numbers;
    private readonly FrozenDictionary<int, string> names;

    private SyscallTable(Architecture architecture, Dictionary<string, int> entries)
    {
        Architecture = architecture;
        numbers = entries.ToFrozenDictionary();
        names = entries.ToFrozenDictionary(static pair => pair.Value, static pair => pair.Key);
    }

    /// <summary>x86_64, without the numbers of x32.</summary>
    public static SyscallTable X64 => s_x64.Value;

    /// <summary>aarch64.</summary>
    public static SyscallTable Arm64 => s_arm64.Value;

    /// <summary>The architectures that have a table.</summary>
    public static IReadOnlyList<Architecture> Architectures { get; } = [Architecture.X64, Architecture.Arm64];

    /// <summary>Which architecture this is.</summary>
    public Architecture Architecture { get; }

    /// <summary>Every name.</summary>
    public IReadOnlyList<string> Names => names.Values;

    /// <summary>Its name in a profile.</summary>
    internal string ProfileName => Architecture == Architecture.X64 ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64";

    /// <summary>Its AUDIT_ARCH_* (linux/audit.h), which the kernel tells a filter with each call.</summary>
    internal uint AuditArchitecture => Architecture == Architecture.X64 ? 0xC000003E : 0xC00000B7;

    /// <summary>The first number that belongs to another ABI of the same processor (x32), if it has one.</summary>
    internal uint? OtherAbi => Architecture == Architecture.X64 ? 0x40000000 : null;

    /// <summary>The table of an architecture.</summary>
    /// <exception cref="PlatformNotSupportedException">There is none.</exception>
    public static SyscallTable For(Architecture architecture) => architecture switch
    {
        Architecture.X64 => X64,
        Architecture.Arm64 => Arm64,
        _ => throw new PlatformNotSupportedException($"no table of system calls for {architecture}"),
    };

    /// <summary>The number of a call.</summary>
    /// <returns>False if this architecture has no such call.</returns>
    public bool TryGetNumber(string name, out int number) => numbers.TryGetValue(name, out number);

    /// <summary>The name of a number, null for one that is not in the table.</summary>
    public string? NameOf(int number) => names.GetValueOrDefault(number);

    private static SyscallTable Load(Architecture architecture, string file)
    {
        Dictionary<string, int> entries = [];
        foreach (string line in Resource.Read(file).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] != '#')
            {
                int space = line.IndexOf(' ', StringComparison.Ordinal);
                entries.Add(line[(space + 1)..], int.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture));
            }
        }

        return new(architecture, entries);
    }
}
