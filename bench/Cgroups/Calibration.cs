using System.Globalization;
using ClawOS.Bench.Fs.Results;
using ClawOS.Security.Cgroups;
using ClawOS.Security.Policy;

namespace ClawOS.Bench.Cgroups;

/// <summary>
/// `claw bench cgroups --calibrate`: the limits in which a command keeps <see cref="Kept"/> of the speed that it has without any, with room above what was measured.
/// </summary>
internal sealed class Calibration(CgroupHost host, int rounds)
{
    /// <summary>The part of its unlimited speed that a limit must leave.</summary>
    internal const double Kept = 0.8;

    // What another input, another machine or another day may need above what was seen.
    private const double MemoryRoom = 2, ProcessRoom = 2, ProcessorRoom = 1.25;
    private const long Mebibyte = 1 << 20;
    private static readonly int[] s_percents = [10, 25, 50, 75, 100, 150, 200, 300, 400, 800, 1600];
    private static readonly double[] s_parts = [0.25, 0.5, 0.75, 1, 1.25];

    /// <summary>Looks for the limits of one command, and prints them as a policy writes them.</summary>
    /// <returns>The exit code: 1 when the command does not succeed without limits.</returns>
    internal int Find(IReadOnlyList<string> command, string folder)
    {
        Trial free = Trial.Median(Runs(Quota.None, command, folder));
        if (!free.IsWhole)
        {
            Console.Error.WriteLine($"claw: bench: {command[0]}: fails without any limit, so that there is nothing to compare with");
            return 1;
        }

        Tell($"without limits: {free.Time.TotalSeconds:0.000} s, {free.Usage.CpuTime?.TotalSeconds:0.000} s of processors, peak of memory {free.Usage.MemoryPeakBytes / Mebibyte} MiB, of processes {free.Usage.ProcessesPeak}");
        int? cpu = host[CgroupAbility.Cpu].IsAvailable ? Smallest("cpu", s_percents.Where(static p => p <= Environment.ProcessorCount * 100), p => new Quota { CpuPercent = p }, "%", command, folder, free) : null;
        long? memory = host[CgroupAbility.Memory].IsAvailable && free.Usage.MemoryPeakBytes is { } peak
            ? Smallest("memory", s_parts.Select(part => Math.Max(Quota.MinMemoryBytes, (long)(peak * part)) / Mebibyte + 1), m => new Quota { MemoryBytes = m * Mebibyte }, "MiB", command, folder, free)
            : null;
        Console.WriteLine("[limits]");
        if (cpu is { } percent)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cpu = \"{Math.Ceiling(percent * ProcessorRoom / 5) * 5}%\""));
        if (memory is { } bytes)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory = \"{RoundUp((long)(bytes * MemoryRoom))}MiB\""));
        if (host[CgroupAbility.Processes].IsAvailable && free.Usage.ProcessesPeak is { } processes)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"processes = {RoundUp((long)(processes * ProcessRoom))}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"time = \"{Math.Max(1, Math.Ceiling(free.Time.TotalSeconds / Kept * 10))}s\""));
        return 0;
    }

    /// <summary>How much of its unlimited speed a command has under the limits of a policy: 1 is all.</summary>
    /// <returns>0 where it does not come through.</returns>
    internal double KeptBy(Limits limits, IReadOnlyList<string> command, string folder, out Trial free)
    {
        Quota quota = new()
        {
            CpuPercent = host[CgroupAbility.Cpu].IsAvailable ? limits.CpuPercent : null,
            MemoryBytes = host[CgroupAbility.Memory].IsAvailable ? limits.MemoryBytes : null,
            Processes = host[CgroupAbility.Processes].IsAvailable ? limits.Processes : null,
        };
        _ = Trial.Run(host, Quota.None, command, folder); // What it reads is in the kernel's cache from here on.
        List<Trial> without = [], with = [];
        for (int round = 0; round < rounds; round++)
        {
            without.Add(Trial.Run(host, Quota.None, command, folder));
            with.Add(Trial.Run(host, quota, command, folder));
        }

        free = Trial.Median(without);
        Trial limited = Trial.Median(with);
        return free.IsWhole && limited.IsWhole ? free.Time / limited.Time : 0;
    }

    private List<Trial> Runs(Quota quota, IReadOnlyList<string> command, string folder) =>
        [.. Enumerable.Range(0, rounds).Select(_ => Trial.Run(host, quota, command, folder))];

    private T? Smallest<T>(string name, IEnumerable<T> candidates, Func<T, Quota> quota, string unit, IReadOnlyList<string> command, string folder, Trial free)
        where T : struct
    {
        foreach (T candidate in candidates)
        {
            Trial trial = Trial.Median(Runs(quota(candidate), command, folder));
            double kept = trial.IsWhole ? free.Time / trial.Time : 0;
            Tell($"{name} {candidate} {unit}: {(trial.IsWhole ? $"{kept * 100:0} % of its speed" : "does not come through")}");
            if (kept >= Kept)
                return candidate;
        }

        Tell($"{name}: none of these leaves it {Kept * 100:0} % of its speed; no limit is proposed");
        return null;
    }

    /// <summary>Up to the next of 1, 1.5, 2, 3, 4, 6, 8, 12 ...: nobody should read precision into it.</summary>
    private static long RoundUp(long value)
    {
        for (long power = 1; ; power *= 2)
        {
            if (value <= power)
                return power;
            if (value <= power + power / 2)
                return power + power / 2;
        }
    }

    private static void Tell(FormattableString line) => Console.Error.WriteLine(FormattableString.Invariant(line));
}
