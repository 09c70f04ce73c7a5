using System.Text;

namespace ClawOS.Security.Guard;

/// <summary>Makes each version of the policies hold in all sandboxes that run, one version after the other; a version that has been overtaken is left out.</summary>
internal sealed class PolicyApplier(RunTable runs, Action<ulong, string> applied)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim wake = new(0);
    private volatile LivePolicies current = LivePolicies.None;

    /// <summary>The newest version.</summary>
    internal LivePolicies Current => current;

    internal void Start() => new Thread(Work) { IsBackground = true, Name = "policies" }.Start();

    internal void Take(LivePolicies policies)
    {
        current = policies;
        _ = wake.Release();
    }

    private void Work()
    {
        while (true)
        {
            wake.Wait();
            while (wake.Wait(0))
            {
            }

            LivePolicies policies = current;
            applied(policies.Files.Version, Apply(policies));
        }
    }

    private string Apply(LivePolicies policies)
    {
        (GuardedRun Run, Task<IReadOnlyList<string>> Told)[] all = [.. runs.All().Select(run => (run, run.FollowAsync(policies)))];
        _ = Task.WaitAll([.. all.Select(static one => one.Told)], Limit);
        StringBuilder text = new($"version {policies.Files.Version}, {(policies.Files.Mode == GuardLink.PolicyMode.Audit ? "audit: claw run stops nothing; what guard starts is enforced" : "enforce")}: in force for every launch from now on; {all.Length} sandboxes run\n");
        foreach ((GuardedRun run, Task<IReadOnlyList<string>> told) in all)
        {
            IReadOnlyList<string> lines = told.IsCompletedSuccessfully ? told.Result : ["not known: it took too long, or failed"];
            foreach (string line in lines.DefaultIfEmpty("as its policy says"))
            {
                text.Append(run.Id).Append(' ').Append(run.Policy).Append(": ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }
}
