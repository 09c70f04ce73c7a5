using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Tests.Host;

/// <summary>The control groups of the machine that the tests run on.</summary>
internal static class RealHost
{
    private static int s_count;

    /// <summary>A kernel before cgroup.freeze and cgroup.kill, so that version 1's freezer and signals are used where a version 1 freezer is.</summary>
    internal static Version OldKernel { get; } = new(5, 1);

    /// <summary>The host; the test is skipped with the reason where it lacks something.</summary>
    internal static CgroupHost Need(Version? kernel, params CgroupAbility[] abilities)
    {
        CgroupHost host = CgroupHost.Detect("/", kernel);
        foreach (CgroupAbility ability in abilities)
        {
            if (!host[ability].IsAvailable)
                Assert.Skip(host[ability].ToString());
        }

        return host;
    }

    internal static CgroupHost Need(params CgroupAbility[] abilities) => Need(null, abilities);

    internal static string NewName() => $"test-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";

    /// <summary>Runs a shell script that is in the group from its first line on; returns when it is in.</summary>
    internal static ChildProcess Run(this Cgroup group, string script)
    {
        IReadOnlyList<FileDescriptor> procs = group.OpenProcs();
        int[] numbers = [.. Enumerable.Range(3, procs.Count)];
        string enter = string.Concat(numbers.Select(static number => $"echo 0 >&{number}; exec {number}>&-; "));
        SpawnPlan plan = new() { Program = "/bin/sh", Arguments = ["-c", enter + script] };
        foreach (int number in numbers)
            plan.Descriptors.Add((procs[number - 3], number));
        try
        {
            ChildProcess child = ChildProcess.Start(plan);
            Until(() => child.Exited.IsCompleted || Groups(child.Id).Count(line => line.Contains("/claw/" + group.Name, StringComparison.Ordinal)) == procs.Count, "in the group");
            return child;
        }
        finally
        {
            foreach (FileDescriptor descriptor in procs)
                descriptor.Dispose();
        }
    }

    /// <summary>Waits for something that must come; the limit only ends a test that hangs.</summary>
    internal static void Until(Func<bool> come, string what) =>
        Assert.True(SpinWait.SpinUntil(() => Slowly(come), TimeSpan.FromMinutes(2)), $"after two minutes: not yet {what}");

    private static string[] Groups(int pid)
    {
        try
        {
            return File.ReadAllLines($"/proc/{pid}/cgroup");
        }
        catch (IOException)
        {
            return []; // It has ended.
        }
    }

    private static bool Slowly(Func<bool> come)
    {
        if (come())
            return true;
        Thread.Sleep(5);
        return false;
    }
}
