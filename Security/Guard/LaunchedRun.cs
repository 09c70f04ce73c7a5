namespace ClawOS.Security.Guard;

/// <summary>A sandbox that guard started for somebody who asked at a launch socket. It ends with guard.</summary>
internal sealed class LaunchedRun(string id, string policy, int pid, LiveSandbox sandbox) : GuardedRun(id, policy, pid, "launched")
{
    internal override Task<IReadOnlyList<string>> FollowAsync(LivePolicies policies) => Task.Run(() => sandbox.Follow(policies));

    protected override string Usage() => sandbox.Usage();
}
