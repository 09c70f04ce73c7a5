using System.Runtime.InteropServices;
using ClawOS.Security.Seccomp.Json;

namespace ClawOS.Security.Seccomp;

/// <summary>
/// Which system calls a program may make: the seccomp section of an OCI runtime configuration, with a reason for each group. Groups that name the same
/// call are tried in the order of the file, and the first whose conditions hold decides; docs/seccomp.md has the format.
/// </summary>
public sealed class SeccompProfile
{
    internal SeccompProfile(string name, string comment, FilterAction defaultAction, IReadOnlyList<Architecture> architectures, IReadOnlyList<SyscallGroup> groups) =>
        (Name, Comment, DefaultAction, Architectures, Groups) = (name, comment, defaultAction, architectures, groups);

    /// <summary>What it is called in messages: a shipped profile's name, or the file it came from.</summary>
    public string Name { get; }

    /// <summary>What it is for; may be empty.</summary>
    public string Comment { get; }

    /// <summary>What happens to a call that no group decides, calls that are newer than the tables included.</summary>
    public FilterAction DefaultAction { get; }

    /// <summary>The architectures it is made for.</summary>
    public IReadOnlyList<Architecture> Architectures { get; }

    /// <summary>Its groups in the order of the file.</summary>
    public IReadOnlyList<SyscallGroup> Groups { get; }

    /// <summary>Reads a profile.</summary>
    /// <param name="text">JSON.</param>
    /// <param name="name">What the profile, and the file in errors, is called.</param>
    /// <exception cref="ProfileException">It is not a profile; says all that is wrong, with places.</exception>
    public static SeccompProfile Parse(string text, string name) => new ProfileParser(new SourceText(text, name)).Parse();

    /// <summary>The profile in the form that <see cref="Parse"/> reads, and runc and Docker too.</summary>
    public string ToJson() => ProfileWriter.Write(this);

    /// <summary>What the profile says of a call.</summary>
    /// <param name="architecture">Whose numbers.</param>
    /// <param name="number">The call's number.</param>
    /// <param name="arguments">Its six arguments.</param>
    public SyscallDecision Decide(Architecture architecture, int number, ReadOnlySpan<ulong> arguments)
    {
        if (SyscallTable.For(architecture).NameOf(number) is { } name)
        {
            foreach (SyscallGroup group in Groups)
            {
                if (group.Names.Contains(name) && group.Holds(arguments))
                {
                    return new(group.Action, group);
                }
            }
        }

        return new(DefaultAction, null);
    }

    /// <summary>The calls of an architecture that are made for some arguments at least, in alphabetical order.</summary>
    public IReadOnlyList<string> Allowed(Architecture architecture)
    {
        SyscallTable table = SyscallTable.For(architecture);
        return
        [
            .. GroupsByName()
                .Where(pair => table.TryGetNumber(pair.Key, out _) && pair.Value.Exists(place => Groups[place].Action.Kind is ActionKind.Allow or ActionKind.Log))
                .Select(static pair => pair.Key)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The same profile with calls allowed that it refuses or restricts: what a policy adds.</summary>
    /// <param name="names">Names of calls; those of one of the profile's architectures are enough.</param>
    /// <param name="reason">Why; the new group's comment.</param>
    /// <exception cref="SeccompException">No such call.</exception>
    public SeccompProfile Allowing(IReadOnlyCollection<string> names, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        Check(names);
        if (names.Count == 0)
        {
            return this;
        }

        IEnumerable<SyscallGroup> others = Groups.Select(group => group.With(group.Names.Except(names))).Where(static group => group.Names.Count > 0);
        return new(Name, Comment, DefaultAction, Architectures, [new([.. names.Distinct()], FilterAction.Allow, [], reason), .. others]);
    }

    /// <summary>The same profile without the calls that it allows and that are not named: they get its default action. Its refusals stay.</summary>
    /// <param name="names">As for <see cref="Allowing"/>; one that the profile refuses stays refused.</param>
    /// <exception cref="SeccompException">No such call, or the profile allows what it does not name.</exception>
    public SeccompProfile Only(IReadOnlyCollection<string> names)
    {
        Check(names);
        if (IsLetThrough(DefaultAction))
        {
            throw new SeccompException($"profile {Name} allows what it does not name, so nothing can be left out");
        }

        HashSet<string> kept = [.. names];
        IEnumerable<SyscallGroup> groups = Groups.Select(group => IsLetThrough(group.Action) ? group.With(group.Names.Where(kept.Contains)) : group);
        return new(Name, Comment, DefaultAction, Architectures, [.. groups.Where(static group => group.Names.Count > 0)]);
    }

    /// <summary>The same profile with another action for some of the calls that it allows, under the conditions under which it allows them. What it refuses stays refused.</summary>
    /// <param name="names">As for <see cref="Allowing"/>.</param>
    /// <param name="action">What happens to them instead.</param>
    /// <param name="reason">Why; the new groups' comment.</param>
    /// <exception cref="SeccompException">No such call, or the profile allows what it does not name.</exception>
    public SeccompProfile Answering(IReadOnlyCollection<string> names, FilterAction action, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        Check(names);
        if (IsLetThrough(DefaultAction))
        {
            throw new SeccompException($"profile {Name} allows what it does not name");
        }

        HashSet<string> answered = [.. names];
        IEnumerable<SyscallGroup> groups = Groups.SelectMany(group => IsLetThrough(group.Action)
            ? [new SyscallGroup([.. group.Names.Where(answered.Contains)], action, group.Arguments, reason), group.With(group.Names.Where(name => !answered.Contains(name)))]
            : (IEnumerable<SyscallGroup>)[group]);
        return new(Name, Comment, DefaultAction, Architectures, [.. groups.Where(static group => group.Names.Count > 0)]);
    }

    /// <summary>The same profile with one call allowed under conditions, whatever else is said of it.</summary>
    /// <param name="name">As for <see cref="Allowing"/>.</param>
    /// <param name="tests">Where: all must hold.</param>
    /// <param name="reason">Why; the new group's comment.</param>
    /// <exception cref="SeccompException">No such call.</exception>
    public SeccompProfile AllowingWhere(string name, IReadOnlyList<ArgumentTest> tests, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        Check([name]);
        return new(Name, Comment, DefaultAction, Architectures, [new([name], FilterAction.Allow, tests, reason), .. Groups]);
    }

    private static bool IsLetThrough(FilterAction action) => action.Kind is ActionKind.Allow or ActionKind.Log;

    /// <exception cref="SeccompException">One is no call of the profile's architectures.</exception>
    private void Check(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (SyscallNames.Fault(name, Architectures) is { } fault)
            {
                throw new SeccompException(fault.Suggestion is null ? fault.Message : $"{fault.Message}; did you mean {fault.Suggestion}?");
            }
        }
    }

    /// <summary>Each name with the places of its groups, in the order of the file.</summary>
    internal Dictionary<string, List<int>> GroupsByName()
    {
        Dictionary<string, List<int>> places = [];
        for (int i = 0; i < Groups.Count; i++)
        {
            foreach (string name in Groups[i].Names)
            {
                if (!places.TryGetValue(name, out List<int>? list))
                {
                    places[name] = list = [];
                }

                list.Add(i);
            }
        }

        return places;
    }
}
