using System.Diagnostics;
using System.IO.Pipes;
using ClawFS.Linux;
using ClawOS.Security.Cgroups;

namespace ClawOS.Bench.Cgroups;

/// <summary>One run of a command in a group of its own.</summary>
/// <param name="Time">From its start to its end.</param>
/// <param name="Usage">What it used.</param>
/// <param name="IsWhole">Whether it ended with 0 and met neither the memory limit's killer nor the limit on processes.</param>
internal sealed record Trial(TimeSpan Time, CgroupUsage Usage, bool IsWhole)
{
    private static int _made;

    /// <summary>Runs a command under a quota; it waits at the door until it is inside.</summary>
    internal static Trial Run(CgroupHost host, Quota quota, IReadOnlyList<string> command, string folder)
    {
        using Cgroup group = host.Create($"calibrate-{Environment.ProcessId}-{++_made}", quota);
        using AnonymousPipeServerStream door = new(PipeDirection.Out, HandleInheritability.None);
        ChildProcess child = ChildProcess.Start(new SpawnPlan
        {
            Program = "/bin/sh",
            Arguments = ["-c", "read -r go && exec \"$@\" < /dev/null", "sh", .. command],
            Input = door.ClientSafePipeHandle,
            Folder = folder,
        });
        door.DisposeLocalCopyOfClientHandle();
        group.Add(child.Id);
        long begun = Stopwatch.GetTimestamp();
        door.WriteByte((byte)'\n');
        int code = child.WaitForExit().Code;
        TimeSpan time = Stopwatch.GetElapsedTime(begun);
        CgroupUsage usage = group.Usage;
        return new Trial(time, usage, code == 0 && usage is not { OomKills: > 0 } and not { ForksRefused: > 0 });
    }

    /// <summary>The run in the middle, by its time, with the peaks of all; one that is not whole stands for all.</summary>
    internal static Trial Median(IReadOnlyList<Trial> trials) =>
        trials.FirstOrDefault(static trial => !trial.IsWhole) ?? trials.OrderBy(static trial => trial.Time).ElementAt(trials.Count / 2) with
        {
            Usage = trials[0].Usage with
            {
                MemoryPeakBytes = trials.Max(static trial => trial.Usage.MemoryPeakBytes),
                ProcessesPeak = trials.Max(static trial => trial.Usage.ProcessesPeak),
                CpuTime = trials.Max(static trial => trial.Usage.CpuTime),
            },
        };
}
