namespace ClawOS.Security.Sandbox;

/// <summary>What the caller of a sandbox adds: its control group.</summary>
public sealed class SandboxWatch
{
    /// <summary>Called with the process id of claw-exec, which does nothing before this returns: the place to put it into a control group.</summary>
    public Action<int>? BeforeLaunch { get; init; }

    /// <summary>How many processes the kernel has killed in the control group for want of memory; asked before and after.</summary>
    public Func<long>? OomKills { get; init; }
}
