using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>One kind of act that a policy would have denied.</summary>
/// <param name="Question">The act, as <c>claw policy explain</c> asks about it.</param>
/// <param name="Answer">The verdict, the layer and the rule.</param>
/// <param name="Count">How often.</param>
public sealed record AuditedAct(string Question, Explanation Answer, long Count)
{
    /// <summary>"open-read /etc/shadow: denied by view+landlock: no rule allows read (3 times)".</summary>
    public override string ToString() => $"{Question}: {Answer}{(Count > 1 ? $" ({Count} times)" : "")}";
}

/// <summary>
/// Runs a command without its policy stopping it, and says what that would have denied: opening, changing and starting files, connections, system calls. The walls that every
/// sandbox has stay: a /tmp, /proc and devices of its own, no network, no privilege. Whether a file is merely there is not asked about.
/// </summary>
/// <param name="policy">The policy.</param>
/// <param name="workspace">The folder that it was compiled for.</param>
public sealed class AuditRun(EffectivePolicy policy, string workspace)
{
    private readonly Explainer explainer = new(policy);
    private readonly CallReader reader = new(workspace);
    private readonly SeccompProfile profile = SyscallFilter.ProfileOf(policy);
    private readonly Dictionary<string, AuditedAct> acts = new(StringComparer.Ordinal);

    /// <summary>What would have been denied, in the order of its first time.</summary>
    public IReadOnlyList<AuditedAct> Denied => [.. acts.Values];

    /// <summary>Called with each act when it is first seen, while the command waits; null: nobody wants to know before the end.</summary>
    public Action<AuditedAct>? Seen { get; init; }

    /// <summary>Runs a command to its end.</summary>
    /// <param name="launcher">Path of claw-exec; or a program that becomes it, and its arguments.</param>
    /// <param name="request">The command.</param>
    /// <param name="streams">Its standard input, output and error.</param>
    /// <exception cref="SandboxRefusedException">There is no such program.</exception>
    public SandboxResult Run(IReadOnlyList<string> launcher, SandboxRequest request, SandboxStreams streams)
    {
        SandboxPlan plan = SandboxPlan.From(WidePolicy.Make(workspace), request with { Profile = SupervisingProfile.Make(), IsSupervised = true });
        return SupervisedRun.Run(launcher, plan, streams, (call, listener) =>
        {
            string name = reader.NameOf(call);
            (string, Explanation)[] answers = [.. Answers(call, name)];
            if (listener.IsWaiting(call))
            {
                foreach ((string question, Explanation answer) in answers.Where(pair => pair.Item2.Verdict == Verdict.Denied))
                {
                    Note(question, answer);
                }
            }

            return Errno.Ok;
        });
    }

    private IEnumerable<(string Question, Explanation Answer)> Answers(SupervisedCall call, string name)
    {
        FilterAction action = profile.Decide(RuntimeInformation.ProcessArchitecture, call.Number, [.. call.Arguments]).Action;
        if (action.Kind is not (ActionKind.Allow or ActionKind.Log or ActionKind.UserNotify))
        {
            Explanation asked = explainer.ExplainSyscall(name);
            yield return ($"syscall {name}", asked.Verdict == Verdict.Denied ? asked : asked with { Verdict = Verdict.Denied, Reason = $"the profile '{policy.SyscallProfile}' answers {action}" });
        }

        foreach ((string path, PathUse use) in reader.Files(call, name))
        {
            if ((use & (PathUse.Read | PathUse.List)) != 0 && !use.HasFlag(PathUse.Execute))
            {
                yield return ($"open-read {path}", explainer.ExplainPath(path, PathAccess.Read));
            }

            if ((use & (PathUse.Write | PathUse.Change)) != 0)
            {
                yield return ($"open-write {path}", explainer.ExplainPath(path, PathAccess.Write));
            }

            if (use.HasFlag(PathUse.Launch))
            {
                IReadOnlyList<string> words = CallReader.WordsOf(call, name) ?? [];
                yield return (string.Join(' ', words.Prepend($"exec {path}")), explainer.ExplainCommand(path, words));
            }
            else if (use.HasFlag(PathUse.Execute))
            {
                yield return ($"map {path}", explainer.ExplainPath(path, PathAccess.Execute));
            }
        }

        if (CallReader.ConnectionOf(call, name) is { } to)
        {
            yield return ($"connect {to.Host}:{to.Port}", explainer.ExplainConnection(to.Host, to.Port, null, null));
        }
    }

    private void Note(string question, Explanation answer)
    {
        bool isNew = !acts.TryGetValue(question, out AuditedAct? known);
        AuditedAct act = acts[question] = new AuditedAct(question, answer, (known?.Count ?? 0) + 1);
        if (isNew)
        {
            Seen?.Invoke(act);
        }
    }
}
