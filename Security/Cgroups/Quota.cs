using System.Globalization;

namespace ClawOS.Security.Cgroups;

/// <summary>What the processes of one group may use together, whichever version of control groups enforces it. Null is no limit.</summary>
public sealed record Quota
{
    /// <summary>No limit on anything.</summary>
    public static Quota None { get; } = new();

    /// <summary>The least memory limit, in bytes: below it not even a shell starts.</summary>
    public const long MinMemoryBytes = 1 << 20;

    /// <summary>Processor time in percent of one core: 50 is half a core, 200 two cores. 1 to 102,400.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public int? CpuPercent { get; init => field = Checked(value, 1, 102_400); }

    /// <summary>Memory in bytes, page cache and the kernel's own objects included, without swap. At least <see cref="MinMemoryBytes"/>; the kernel rounds to whole pages.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than that.</exception>
    public long? MemoryBytes { get; init => field = Checked(value, MinMemoryBytes, long.MaxValue / 2); }

    /// <summary>Processes and threads together, the first one included. 1 to 4,194,304 (the kernel's own limit on ids).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public int? Processes { get; init => field = Checked(value, 1, 4_194_304); }

    /// <summary>The share of a busy disk against other groups: 1 to 10,000, where a group without a weight has 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public int? IoWeight { get; init => field = Checked(value, 1, 10_000); }

    /// <summary>Like "cpu 20 %, memory 64 MiB, 5 processes"; "no limit" when nothing is limited.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        if (CpuPercent is { } cpu)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"cpu {cpu} %"));
        if (MemoryBytes is { } memory)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"memory {memory / 1048576.0:0.#} MiB"));
        if (Processes is { } processes)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{processes} processes"));
        if (IoWeight is { } weight)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"i/o weight {weight}"));
        return parts.Count > 0 ? string.Join(", ", parts) : "no limit";
    }

    private static int? Checked(int? value, int least, int most) => (int?)Checked((long?)value, least, most);

    private static long? Checked(long? value, long least, long most) => value is null || (value >= least && value <= most)
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, string.Create(CultureInfo.InvariantCulture, $"must be {least} to {most}"));
}
