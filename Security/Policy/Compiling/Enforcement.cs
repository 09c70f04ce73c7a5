using ClawOS.Security.Policy.Language;
using ClawOS.Security.Policy.Rules;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Compiling;

/// <summary>A rule that nothing can enforce is refused, and so is one that can never take effect: both would say more than is true.</summary>
internal sealed class Enforcement
{
    private readonly Draft _draft;
    private readonly PolicyFile _file;
    private readonly Layers _layers;
    private readonly List<PolicyError> _errors;

    private Enforcement(Draft draft, PolicyFile file, Layers layers, List<PolicyError> errors) => (_draft, _file, _layers, _errors) = (draft, file, layers, errors);

    /// <param name="draft">What the policy comes to.</param>
    /// <param name="file">Its own file: a rule of a parent that the child denies is no mistake.</param>
    /// <param name="layers">Those that there are.</param>
    /// <param name="errors">Receives what is refused.</param>
    internal static void Check(Draft draft, PolicyFile file, Layers layers, List<PolicyError> errors)
    {
        Enforcement enforcement = new(draft, file, layers, errors);
        if (!layers.HasFlag(Layers.AppArmor))
        {
            enforcement.RefusePatterns();
        }

        enforcement.RefuseWithoutLayer();
        enforcement.RefuseDead();
        enforcement.RefuseArgumentsOfExecutables();
        enforcement.RefuseWaysAroundApproval();
        enforcement.RefuseCallsBeyondOnly();
    }

    /// <summary>Mounts and Landlock know files and folders, the filter of system calls knows no paths.</summary>
    private void RefusePatterns()
    {
        foreach (Entry<PathPattern> item in _draft.Paths.Values.SelectMany(items => items).Where(item => item.Value.Shape == PathShape.Glob))
        {
            _errors.Add(item.Error("no layer enforces a pattern of paths: only AppArmor could, which is not there", "name the file, or a folder with all below it: '/folder/**'"));
        }
    }

    private void RefuseWithoutLayer()
    {
        foreach (PathKind kind in PathKind.All)
        {
            Need(_draft.Paths[kind.Key].Where(item => item.Value.Shape != PathShape.Glob), kind.IsDenied ? Layers.View : Layers.View | Layers.Landlock);
        }

        Need(_draft.Commands.Where(item => item.Value.IsConstrained), Layers.Launch);
        Need(_draft.Commands, Layers.Landlock);
        Need(_draft.Commands.Where(item => item.Value.NeedsApproval), Layers.Approval);
        Need(_draft.Hosts, Layers.Egress);
        Need(_draft.Secrets, Layers.Egress);
        Need(_draft.SyscallAdditions, Layers.Seccomp);
        Need(_draft.SyscallsOnly ?? [], Layers.Seccomp);
        Need(_draft.SyscallsAsked, Layers.Seccomp);
        Need(_draft.SyscallsAsked, Layers.Approval);
        Need<bool>(_draft.MayLaunch is { Value: true } launch ? [launch] : [], Layers.Launch);
        Need<string>(_draft.OnRevoke is { Value: Words.Kill } revoke ? [revoke] : [], Layers.Launch);
        foreach (LimitKind kind in LimitKind.All)
        {
            Need<decimal>(_draft.Limits.TryGetValue(kind.Key, out Entry<decimal>? limit) ? [limit] : [], kind.Layers);
        }
    }

    /// <summary>Refuses rules of which every layer that could enforce them is missing.</summary>
    private void Need<T>(IEnumerable<Entry<T>> items, Layers layers)
    {
        if ((_layers & layers) == Layers.None)
        {
            _errors.AddRange(items.Select(item => item.Error($"no layer enforces this: it needs {layers.ToText()}, which is not there")));
        }
    }

    private void RefuseDead()
    {
        foreach (PathKind kind in PathKind.All.Where(kind => !kind.IsDenied))
        {
            PathIndex<Entry<PathPattern>> denied = Denied(kind.Access);
            foreach (Entry<PathPattern> item in _draft.Paths[kind.Key].Where(IsOwn))
            {
                RefuseDead(item, denied.Cover(item.Value));
            }
        }

        PathIndex<Entry<PathPattern>> unstartable = Denied(PathAccess.Execute);
        foreach (Entry<CommandRule> item in _draft.Commands.Where(IsOwn))
        {
            RefuseDead(item, unstartable.Match(item.Value.Path));
        }
    }

    private void RefuseDead<T>(Entry<T> item, Entry<PathPattern>? denial)
    {
        if (denial is not null)
        {
            _errors.Add(item.Error($"this never takes effect: '{denial.Value}' is denied ({denial.Line})", "what is denied stays denied: take one of the two out"));
        }
    }

    /// <summary>The kernel knows which file is started, not with which arguments.</summary>
    private void RefuseArgumentsOfExecutables()
    {
        PathIndex<Entry<PathPattern>> executable = new(reachesClaw: false);
        foreach (Entry<PathPattern> item in _draft.Paths[PathKind.Execute])
        {
            executable.Add(item.Value, item);
        }

        foreach (Entry<CommandRule> item in _draft.Commands.Where(item => item.Value.IsConstrained))
        {
            if (executable.Match(item.Value.Path) is { } free)
            {
                (string what, string key) = item.Value.NeedsApproval ? ("the owner would not be asked", "approve") : ("no layer enforces these arguments", "the arguments");
                _errors.Add(item.Error(
                    $"{what}: '{free.Value}' may be executed ({free.Line}), by a running program with any arguments",
                    $"take '{free.Value}' out of [paths] execute, or {key} out of the command"));
            }
        }
    }

    /// <summary>A file that one command lets be started freely is there for every program; no launch of it by another command would be asked about.</summary>
    private void RefuseWaysAroundApproval()
    {
        ILookup<string, Entry<CommandRule>> free = _draft.Commands.Where(item => !item.Value.NeedsApproval).ToLookup(item => item.Value.Path);
        foreach (Entry<CommandRule> item in _draft.Commands.Where(item => item.Value.NeedsApproval))
        {
            if (free[item.Value.Path].FirstOrDefault() is { } other)
            {
                _errors.Add(item.Error(
                    $"the owner would not be asked: another command lets '{item.Value.Path}' be executed ({other.Line}), by a running program with any arguments",
                    "give every command of this file approve = true, or none"));
            }
        }
    }

    private void RefuseCallsBeyondOnly()
    {
        if (_draft.SyscallsOnly is not { } only)
        {
            return;
        }

        HashSet<string> names = [.. only.Select(item => item.Value)];
        foreach (Entry<string> item in _draft.SyscallAdditions.Concat(_draft.SyscallsAsked).Where(item => IsOwn(item) && !names.Contains(item.Value)))
        {
            _errors.Add(item.Error($"this never takes effect: 'only' ({only[0].Line}) does not name '{item.Value}'", "name it there, too, or take it out"));
        }
    }

    private PathIndex<Entry<PathPattern>> Denied(PathAccess access)
    {
        PathIndex<Entry<PathPattern>> index = new(reachesClaw: true);
        foreach (Entry<PathPattern> item in PathKind.All.Where(kind => kind.IsDenied && kind.Access.HasFlag(access)).SelectMany(kind => _draft.Paths[kind.Key]))
        {
            index.Add(item.Value, item);
        }

        return index;
    }

    private bool IsOwn<T>(Entry<T> item) => item.Source == _file.Source;
}
