using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox.Views;

namespace ClawOS.Security.Sandbox;

public sealed partial record SandboxPlan
{
    private const ulong OpenFiles = 1024, MostOpenFiles = 4096;

    /// <summary>What a plan has room for: 49 days.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromDays(49);

    /// <summary>The plan that enforces a policy with every layer that this kernel has.</summary>
    /// <param name="policy">What is allowed.</param>
    /// <param name="request">What shall be run.</param>
    /// <returns>A plan whose <see cref="Missing"/> names what is not enforced.</returns>
    /// <exception cref="SandboxRefusedException">The policy does not allow the command, there is no such program, or no such profile of system calls.</exception>
    public static SandboxPlan From(EffectivePolicy policy, SandboxRequest request)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(request);
        string folder = request.Folder ?? BaseView.Scratch;
        (IReadOnlyList<string> programs, ApprovedLaunch? approved) = ProgramChoice.Find(policy, request, folder);
        if (approved is not null && request.Approved?.IsSameAs(approved) != true)
        {
            throw new SandboxRefusedException($"{approved.Program}: policy {policy.Name} has it launched only with the owner's yes ({approved.Source})");
        }

        bool isSupervised = request.IsSupervised || (policy.SyscallsAsked.Count > 0 && request.AnswersCalls && request.Profile is null);
        ViewBuilder view = new(policy, request.Claw, patterns: request.AppArmorProfile is not null, approved: approved?.Program, standIn: request.StandIn, withheld: request.Withheld, isRoot: (request.User ?? SandboxUser.Caller).OutsideUid == 0);
        LandlockSupport landlock = request.Landlock ?? LandlockSupport.Detect();
        return new SandboxPlan
        {
            Programs = programs,
            Approved = approved?.Program,
            Arguments = approved?.Command ?? request.Command,
            Environment = request.Environment,
            Folder = folder,
            View = view.Items,
            ClawGrants = view.Grants,
            User = request.User ?? SandboxUser.Caller,
            Landlock = landlock.Plan(view.Rules),
            Filters = [StandingFilter.Program(), request.Profile is { } profile ? SyscallFilter.Of(profile) : SyscallFilter.Of(policy, isSupervised)],
            IsSupervised = isSupervised,
            AppArmorProfile = request.AppArmorProfile,
            Limits = [.. LimitsOf(policy.Limits)],
            WallTime = policy.Limits.WallTime > MostTime ? MostTime : policy.Limits.WallTime,
            Cgroups = request.Group?.Entrances ?? [],
            CgroupFolder = request.Group?.Folder,
            NewSession = !request.IsInteractive,
            IsInteractive = request.IsInteractive,
            Missing = [.. view.Missing, .. landlock.Missing(), .. MissingFrom(policy, request)],
            Makeable = view.Makeable,
            Notes = [.. view.Notes, .. NotesOn(policy, isSupervised)],
        };
    }

    /// <summary>Whether every sandbox has a folder of its own under this path, whatever its policy says of the machine's: /proc, /dev, and all in them, /tmp. What lies below /tmp can be granted.</summary>
    public static bool IsItsOwn(string path) => BaseView.Own.Contains(path) || PolicyPaths.IsBelow(path, BaseView.Proc) || PolicyPaths.IsBelow(path, BaseView.Devices);

    /// <summary>What the owner must say yes to before a plan for this request is made.</summary>
    /// <param name="policy">What is allowed.</param>
    /// <param name="request">What shall be run.</param>
    /// <returns>Null when nobody needs to be asked.</returns>
    /// <exception cref="SandboxRefusedException">The policy does not allow the command, or nobody could say yes to it: what runs could be another file by then.</exception>
    public static ApprovedLaunch? ApprovalFor(EffectivePolicy policy, SandboxRequest request)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(request);
        return ProgramChoice.Find(policy, request, request.Folder ?? BaseView.Scratch).Approval;
    }

    /// <summary>Without root the kernel counts processes by itself (RLIMIT_NPROC, setrlimit(2)); those of root only a control group counts.</summary>
    private static IEnumerable<string> MissingFrom(EffectivePolicy policy, SandboxRequest request)
    {
        bool counted = (request.User ?? SandboxUser.Caller).OutsideUid != 0;
        IEnumerable<GroupLimit> missing = request.Group?.Missing ?? GroupLimit.Of(policy.Limits, "needs a control group");
        return missing.Where(limit => !(counted && limit.IsProcesses)).Select(limit => limit.Text);
    }

    private static IEnumerable<string> NotesOn(EffectivePolicy policy, bool isSupervised)
    {
        if (policy.SyscallsAsked.Count > 0 && !isSupervised)
        {
            yield return $"nobody is asked here: system calls that wait for the owner's yes are refused: {string.Join(", ", policy.SyscallsAsked)}";
        }

        if (policy.Limits.WallTime > MostTime)
        {
            yield return $"limits: time: it is ended after {MostTime.Days} days, the longest that a sandbox runs";
        }

        if (policy.Hosts.Count > 0)
        {
            yield return $"{policy.Hosts[0].Source}: hosts are not reachable from here: a sandbox has no network of its own";
        }

        if (policy.Secrets.Count > 0)
        {
            yield return $"secrets are not handed out here: {string.Join(", ", policy.Secrets)}";
        }
    }

    private static IEnumerable<ResourceLimit> LimitsOf(Limits limits)
    {
        yield return new ResourceLimit(ResourceKind.Core, 0, 0);
        yield return new ResourceLimit(ResourceKind.OpenFiles, OpenFiles, MostOpenFiles);
        if (limits.Processes is { } processes)
        {
            yield return new ResourceLimit(ResourceKind.Processes, (ulong)processes, (ulong)processes);
        }

        if (limits.DiskBytes is { } bytes)
        {
            yield return new ResourceLimit(ResourceKind.FileSize, (ulong)bytes, (ulong)bytes);
        }
    }
}
