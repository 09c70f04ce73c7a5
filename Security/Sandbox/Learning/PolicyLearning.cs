using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox.Views;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>
/// Watches runs of a command and proposes the smallest policy under which they succeed. A watched command is in a sandbox with every file of the machine, or with what
/// a base policy gives; it has no network, so a connection is recorded as it is tried, and fails.
/// </summary>
public sealed class PolicyLearning
{
    private readonly string workspace;
    private readonly EffectivePolicy? within;
    private readonly CallReader reader;
    private readonly Recording recording = new();
    private readonly (string Name, SeccompProfile Profile)[] profiles;

    /// <param name="workspace">What $WORKSPACE stands for: absolute, without symbolic links.</param>
    /// <param name="within">A policy that holds while learning, and beyond which nothing is proposed; null: none.</param>
    /// <exception cref="SandboxRefusedException">The base policy's system calls are not known.</exception>
    public PolicyLearning(string workspace, EffectivePolicy? within)
    {
        (this.workspace, this.within) = (workspace, within);
        reader = new CallReader(workspace);
        try
        {
            profiles = within is null
                ? [.. new[] { ShippedProfiles.ToolDefault, ShippedProfiles.Default }.Select(name => (name, ShippedProfiles.Load(name)))]
                : [(within.SyscallProfile, SyscallFilter.ProfileOf(within))];
        }
        catch (Exception error) when (error is SeccompException or ArgumentException)
        {
            throw new SandboxRefusedException($"policy {within?.Name}: {error.Message}");
        }
    }

    /// <summary>How many calls were answered by the supervisor, over all runs.</summary>
    public long Supervised { get; private set; }

    /// <summary>The plan of the last run that was watched; its result names items of it.</summary>
    public SandboxPlan? Watched { get; private set; }

    /// <summary>Adds what earlier runs recorded.</summary>
    /// <exception cref="FormatException">It is no recording.</exception>
    public void Merge(string json) => recording.Merge(json);

    /// <summary>All that was recorded, for <see cref="Merge"/>.</summary>
    public string Save() => recording.ToJson();

    /// <summary>Runs a command to its end and records what it does.</summary>
    /// <param name="launcher">Path of claw-exec; or a program that becomes it, and its arguments.</param>
    /// <param name="request">The command.</param>
    /// <param name="streams">Its standard input, output and error.</param>
    /// <exception cref="SandboxRefusedException">There is no such program, or the base policy does not allow it.</exception>
    public SandboxResult Watch(IReadOnlyList<string> launcher, SandboxRequest request, SandboxStreams streams)
    {
        SandboxPlan plan = Watched = SandboxPlan.From(within ?? WidePolicy.Make(workspace), request with { Profile = SupervisingProfile.Make(), IsSupervised = true });
        SandboxResult result = SupervisedRun.Run(launcher, plan, streams, Record);
        if (result.Reason != SandboxEnd.Refused)
        {
            recording.Runs++;
            Program(plan);
        }

        return result;
    }

    /// <summary>The smallest policy for what was recorded.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="withCalls">Whether the policy itself says which system calls are left; with a base policy that says so it does in any case.</param>
    /// <exception cref="SandboxRefusedException">The language cannot say it; the message has the errors.</exception>
    public LearnedPolicy Propose(string name, bool withCalls = false)
    {
        (string profile, SeccompProfile ceiling) = profiles.OrderBy(known => recording.Refused.GetValueOrDefault(known.Name)?.Count ?? 0).First();
        SortedSet<string> refused = recording.Refused.GetValueOrDefault(profile) ?? [];
        string[] additions = within is null ? [.. refused.Where(call => !call.StartsWith('#'))] : [.. within.SyscallAdditions.Where(recording.Calls.ContainsKey)];
        PolicyProposal proposal = new(recording, workspace, within);
        SeccompProfile allowed = additions.Length == 0 || within is not null ? ceiling : ceiling.Allowing(additions, "seen while learning");
        SeccompProfile smallest = ProfilePruning.Propose(allowed, recording.RecordedCalls, RuntimeInformation.ProcessArchitecture, name).Profile;
        string[]? only = withCalls || within?.SyscallsOnly is not null ? [.. smallest.Allowed(RuntimeInformation.ProcessArchitecture).Union(within?.SyscallsAsked ?? [])] : null;
        ProposedCalls calls = new(profile, additions, only, within?.SyscallsAsked ?? []);
        string text = ProposalText.Write(recording, proposal, calls, workspace, LimitsOf(within), within is { IsKilledOnRevoke: true } ? "on_revoke = \"kill\"\n" : "");
        string file = name + PolicyFile.Extension;
        PolicyCompilation compiled = PolicySet.Shipped.With([(file, PolicyFile.Parse(text, file))]).Compile(name, new CompileOptions { Workspace = workspace });
        return new LearnedPolicy(
            text,
            compiled.Policy ?? throw new SandboxRefusedException($"what was recorded is no policy:\n{string.Join('\n', compiled.Errors)}"),
            smallest);
    }

    /// <summary>Runs a command under a learned policy, with every layer on, and under its smallest profile of system calls where the policy itself does not say which are left.</summary>
    /// <inheritdoc cref="Watch"/>
    public static SandboxResult Replay(IReadOnlyList<string> launcher, SandboxRequest request, SandboxStreams streams, LearnedPolicy learned)
    {
        ArgumentNullException.ThrowIfNull(learned);
        return SandboxRun.Run(launcher, SandboxPlan.From(learned.Policy, request with { Profile = learned.Policy.SyscallsOnly is null ? learned.Profile : null, IsSupervised = false }), streams);
    }

    private Errno Record(SupervisedCall call, CallListener listener)
    {
        Supervised++;
        string name = reader.NameOf(call);
        recording.Calls[name] = recording.Calls.GetValueOrDefault(name) + 1;
        foreach ((string Name, SeccompProfile Profile) known in profiles)
        {
            FilterAction action = known.Profile.Decide(RuntimeInformation.ProcessArchitecture, call.Number, [.. call.Arguments]).Action;
            if (action.Kind is not (ActionKind.Allow or ActionKind.Log))
            {
                if (within is not null)
                {
                    // Numbers cannot change behind a check, unlike what pointers lead to.
                    return action.Kind == ActionKind.Errno ? (Errno)action.Errno : Errno.EPERM;
                }

                recording.Refuse(known.Name, name);
            }
        }

        (string Path, PathUse Use)[] files = [.. reader.Files(call, name)];
        (string Host, int Port)? connection = CallReader.ConnectionOf(call, name);
        if (listener.IsWaiting(call))
        {
            foreach ((string path, PathUse use) in files)
            {
                recording.Add(path, use);
            }

            if (connection is { } to)
            {
                recording.Hosts.Add($"{to.Host}:{to.Port}");
            }
        }

        return Errno.Ok;
    }

    /// <summary>The first program, which an ordinary user cannot read from the process that becomes it.</summary>
    private void Program(SandboxPlan plan)
    {
        if (plan.Programs.FirstOrDefault(File.Exists) is { } path && PathWalk.Follow(path) is { } walk)
        {
            recording.Add(walk.Real, PathUse.Execute | PathUse.Read | PathUse.Look | PathUse.Launch);
            foreach (string link in walk.Links)
            {
                recording.Add(link, PathUse.Link);
            }
        }
    }

    private static string[] LimitsOf(EffectivePolicy? policy) => policy is null ? [] :
    [
        .. EffectiveText.Lines(policy).Where(line => line.What is "cpu" or "memory" or "disk" or "time" or "cost").Select(line => $"{line.What} = \"{line.Rule}\""),
        .. EffectiveText.Lines(policy).Where(line => line.What is "processes" or "tokens").Select(line => $"{line.What} = {line.Rule}"),
    ];
}
