using ClawOS.Security.Policy.Language;
using ClawOS.Security.Policy.Rules;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Compiling;

/// <summary>A child allows nothing that its parent does not allow. Denials need no look: they add up.</summary>
internal sealed class Narrowing
{
    private const string TakeOut = "a child may only narrow what it extends: take it out, or allow it there";

    private readonly Draft _parent;
    private readonly Draft _child;
    private readonly PolicyFile _file;
    private readonly List<PolicyError> _errors;

    private Narrowing(Draft parent, Draft child, PolicyFile file, List<PolicyError> errors) => (_parent, _child, _file, _errors) = (parent, child, file, errors);

    /// <summary>Reports every widening, with the line of the child and the line of the parent that it passes.</summary>
    /// <param name="parent">What the parent comes to.</param>
    /// <param name="child">What the child comes to.</param>
    /// <param name="file">The child's file, which has a parent.</param>
    /// <param name="errors">Receives them.</param>
    internal static void Check(Draft parent, Draft child, PolicyFile file, List<PolicyError> errors)
    {
        Narrowing narrowing = new(parent, child, file, errors);
        narrowing.CheckPaths();
        narrowing.CheckCommands();
        narrowing.CheckHosts();
        narrowing.CheckNames(child.Secrets, parent.Secrets, "the secret");
        narrowing.CheckNames(child.SyscallAdditions, parent.SyscallAdditions, "the system call");
        narrowing.CheckOnly();
        narrowing.CheckSwitches();
        narrowing.CheckProfile();
        narrowing.CheckLimits();
    }

    private void CheckPaths()
    {
        foreach (PathKind kind in PathKind.All.Where(kind => !kind.IsDenied && _file.Paths.ContainsKey(kind.Key)))
        {
            PathIndex<Entry<PathPattern>> allowed = IndexOf(kind.Key);
            foreach (Entry<PathPattern> item in _child.Paths[kind.Key].Where(item => allowed.Cover(item.Value) is null))
            {
                Refuse(item, $"'{item.Value}' is not within what the parent lets {kind.Key}", _parent.Paths[kind.Key].FirstOrDefault()?.Line);
            }
        }

        foreach (Entry<PathPattern> item in _file.Paths.ContainsKey(PathKind.Execute) ? _child.Paths[PathKind.Execute].Where(OpensForReading) : [])
        {
            Refuse(item, $"'{item.Value}' could be read, too, which the parent's pattern does not let", _parent.Paths[PathKind.Execute].FirstOrDefault()?.Line);
        }
    }

    private void CheckCommands()
    {
        if (_file.Commands is null)
        {
            return;
        }

        PathIndex<Entry<PathPattern>> executable = IndexOf(PathKind.Execute);
        ILookup<string, Entry<CommandRule>> commands = _parent.Commands.ToLookup(item => item.Value.Path);
        foreach (Entry<CommandRule> item in _child.Commands)
        {
            bool isCovered = executable.Match(item.Value.Path) is not null || commands[item.Value.Path].Any(wide => CommandMatch.Covers(wide.Value, item.Value));
            if (!isCovered || (commands[item.Value.Path].Any() is false && OpensForReading(item.As(new PathPattern(item.Value.Path, PathShape.Exact)))))
            {
                Entry<CommandRule>? asked = item.Value.NeedsApproval ? null : commands[item.Value.Path].FirstOrDefault(wide => wide.Value.NeedsApproval);
                Refuse(item, asked is null ? $"the command '{item.Value.Path}' may do what the parent's may not" : $"the command '{item.Value.Path}' would not wait for the owner's yes, as the parent's does", (asked ?? commands[item.Value.Path].FirstOrDefault())?.Line);
            }
        }
    }

    private void CheckHosts()
    {
        foreach (Entry<HostRule> item in _file.Hosts ?? [])
        {
            if (HostMatch.Beyond(item.Value, _parent.Hosts.Select(wide => wide.Value)) is { } beyond)
            {
                Refuse(item, $"the parent does not let '{beyond}' pass", _parent.Hosts.FirstOrDefault(wide => HostMatch.IsAbout(wide.Value, item.Value.Host))?.Line);
            }
        }
    }

    private void CheckNames(IReadOnlyList<Entry<string>> own, IReadOnlyList<Entry<string>> allowed, string what)
    {
        HashSet<string> names = [.. allowed.Select(item => item.Value)];
        foreach (Entry<string> item in own.Where(item => !names.Contains(item.Value)))
        {
            Refuse(item, $"{what} '{item.Value}' is not among the parent's", allowed.FirstOrDefault()?.Line);
        }
    }

    private void CheckOnly()
    {
        if (_file.SyscallsOnly is { } own && _parent.SyscallsOnly is { } allowed)
        {
            CheckNames(own, allowed, "the system call");
        }
    }

    private void CheckSwitches()
    {
        if (_file.MayLaunch is { Value: true } launch && _parent.MayLaunch is not { Value: true })
        {
            Refuse(launch, "the parent does not let sandboxes be started", _parent.MayLaunch?.Line);
        }

        if (_file.OnRevoke is { Value: not Words.Kill } revoke && _parent.OnRevoke is { Value: Words.Kill } inherited)
        {
            Refuse(revoke, "the parent ends what cannot be narrowed", inherited.Line);
        }
    }

    private void CheckProfile()
    {
        string inherited = _parent.SyscallProfile?.Value ?? Compiler.DefaultProfile;
        if (_file.SyscallProfile is { } own && own.Value != inherited)
        {
            Refuse(own, $"the profile is not the parent's, '{inherited}': which of two is the narrower is not decided here", _parent.SyscallProfile?.Line, "leave the profile to the parent");
        }
    }

    private void CheckLimits()
    {
        foreach ((string key, Entry<decimal> own) in _file.Limits)
        {
            if (_parent.Limits.TryGetValue(key, out Entry<decimal>? inherited) && own.Value > inherited.Value)
            {
                Refuse(own, $"'{key}' is more than the parent's", inherited.Line, "a child may only narrow what it extends: name no more than the parent does");
            }
        }
    }

    /// <summary>Whether something that may be started, and so read (a pattern is AppArmor's, which tells the two apart), is within a pattern of the parent that lets nothing be read.</summary>
    private bool OpensForReading(Entry<PathPattern> item) =>
        item.Value.Shape != PathShape.Glob
        && IndexOf(PathKind.Execute, patterns: false).Cover(item.Value) is null
        && IndexOf(PathKind.Execute).Cover(item.Value) is not null
        && IndexOf(PathKind.Read).Cover(item.Value) is null;

    private PathIndex<Entry<PathPattern>> IndexOf(string key, bool patterns = true)
    {
        PathIndex<Entry<PathPattern>> index = new(reachesClaw: false);
        foreach (Entry<PathPattern> item in _parent.Paths[key].Where(item => patterns || item.Value.Shape != PathShape.Glob))
        {
            index.Add(item.Value, item);
        }

        return index;
    }

    /// <summary>Names both lines: where the child widens, and where the parent is narrower, or else where the child names its parent.</summary>
    private void Refuse<T>(Entry<T> own, string message, SourceLine? narrower, string suggestion = TakeOut) =>
        _errors.Add(own.Error(narrower is { } line ? $"{message} ({line})" : $"{message}, '{_file.Extends}' ({_file.Parent!.Line})", suggestion));
}
