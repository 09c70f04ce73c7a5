namespace ClawOS.Security.Cgroups.Tests.Fakes;

/// <summary>The usual hosts, each with a group "g" that is there already, with the files a kernel would give it.</summary>
internal static class Layouts
{
    internal const string V2 = "/sys/fs/cgroup/claw/g", V1Cpu = "/sys/fs/cgroup/cpu,cpuacct/box/claw/g", V1Memory = "/sys/fs/cgroup/memory/claw/g",
        V1Pids = "/sys/fs/cgroup/pids/claw/g", V1Freezer = "/sys/fs/cgroup/freezer/claw/g", MixedV2 = "/sys/fs/cgroup/unified/claw/g";

    private static readonly string[] V2Core = ["cgroup.procs", "cgroup.kill", "cgroup.freeze", "cgroup.events", "cpu.stat"];

    internal static FakeHost Unified() => new FakeHost()
        .Mount("/sys/fs/cgroup", "", "/user.slice/shell.scope")
        .Group("/sys/fs/cgroup", "cpuset cpu io memory pids", "cpu io memory pids", isRoot: true)
        .Group("/sys/fs/cgroup/user.slice", "memory pids", "memory pids")
        .Group("/sys/fs/cgroup/user.slice/shell.scope", "memory pids", procs: "1\n")
        .Group("/sys/fs/cgroup/claw", "cpu io memory pids", "cpu io memory pids")
        .Sets(V2, [.. V2Core, "cpu.max", "memory.max", "memory.swap.max", "memory.current", "memory.events", "pids.max", "pids.current", "io.weight"]);

    internal static FakeHost Older(bool freezer = true)
    {
        FakeHost host = new FakeHost { HasPressure = false, Kernel = "5.10.0" }
            .Mount("/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct", "/box")
            .Mount("/sys/fs/cgroup/memory", "memory", "/")
            .Mount("/sys/fs/cgroup/pids", "pids", "/")
            .Mount("/sys/fs/cgroup/systemd", "name=systemd", "/")
            .Sets(V1Cpu, "cgroup.procs", "cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.stat", "cpuacct.usage")
            .Sets(V1Memory, "cgroup.procs", "memory.limit_in_bytes", "memory.swappiness", "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt", "memory.oom_control")
            .Sets(V1Pids, "cgroup.procs", "pids.max", "pids.current", "pids.events");
        return freezer ? host.Mount("/sys/fs/cgroup/freezer", "freezer", "/").Sets(V1Freezer, "cgroup.procs", "freezer.state") : host;
    }

    /// <summary>Limits by version 1, the rest by a version 2 that has no controllers.</summary>
    internal static FakeHost Mixed() => new FakeHost()
        .Mount("/sys/fs/cgroup/memory", "memory", "/")
        .Mount("/sys/fs/cgroup/freezer", "freezer", "/")
        .Mount("/sys/fs/cgroup/unified", "", "/")
        .Group("/sys/fs/cgroup/unified", "hugetlb", isRoot: true)
        .Group("/sys/fs/cgroup/unified/claw", "")
        .Sets(MixedV2, V2Core)
        .Sets(V1Memory, "cgroup.procs", "memory.limit_in_bytes", "memory.swappiness");
}
