using ClawFS.Linux;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>Runs a supervised plan and has every call that its last filter tells answered, one after the other.</summary>
internal static class SupervisedRun
{
    /// <summary>Runs a plan to its end.</summary>
    /// <param name="launcher">Path of claw-exec; or a program that becomes it, and its arguments.</param>
    /// <param name="plan">A supervised plan.</param>
    /// <param name="streams">Those of the command.</param>
    /// <param name="answer">What happens to a call, asked while its caller stands still: <see cref="Errno.Ok"/> lets the kernel make it, anything else is its error.</param>
    internal static SandboxResult Run(IReadOnlyList<string> launcher, SandboxPlan plan, SandboxStreams streams, Func<SupervisedCall, CallListener, Errno> answer)
    {
        using SandboxRun run = SandboxRun.Start(launcher, plan, streams);
        using CallListener? listener = run.TakeListener();
        while (listener?.Next() is { } call)
        {
            Errno error = answer(call, listener);
            _ = error == Errno.Ok ? listener.Continue(call) : listener.Refuse(call, error);
        }

        return run.WaitForEnd();
    }
}
