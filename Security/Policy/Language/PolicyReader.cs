using System.Globalization;
using ClawOS.Security.Policy.Rules;
using ClawOS.Security.Policy.Toml;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Language;

/// <summary>From tables to a policy file: every table held against its keys, every value read.</summary>
internal sealed class PolicyReader
{
    private const int HttpsPort = 443;

    private readonly TomlTable _table;
    private readonly SourceText _source;
    private readonly List<PolicyError> _errors;

    private PolicyReader(TomlTable table, SourceText source, List<PolicyError> errors) => (_table, _source, _errors) = (table, source, errors);

    /// <summary>The file; not to be used when errors were added.</summary>
    internal static PolicyFile Read(TomlTable table, string name, SourceText source, List<PolicyError> errors) =>
        new PolicyReader(table, source, errors).Read(name);

    private PolicyFile Read(string name)
    {
        Fields top = new(PolicyKeys.Top, _table, _source, _errors);
        Fields? paths = One(PolicyKeys.Paths);
        Fields? syscalls = One(PolicyKeys.Syscalls);
        Fields? limits = One(PolicyKeys.Limits);
        return new PolicyFile(name, _source)
        {
            Parent = top.One("extends"),
            Secrets = top.Many("secrets"),
            MayLaunch = top.One("launch") is { } launch ? launch.As(launch.Value == Words.True) : null,
            OnRevoke = top.One("on_revoke"),
            Paths = PathKind.All
                .Select(kind => (kind.Key, Items: paths?.Many(kind.Key)))
                .Where(pair => pair.Items is not null)
                .ToDictionary(pair => pair.Key, pair => (IReadOnlyList<Entry<PathPattern>>)[.. pair.Items!.Select(item => item.As(PathPattern.Parse(item.Value)))]),
            Commands = Rules(PolicyKeys.Command, CommandOf),
            Hosts = Rules(PolicyKeys.Host, HostOf),
            SyscallProfile = syscalls?.One("profile"),
            SyscallAdditions = syscalls?.Many("allow"),
            SyscallsOnly = syscalls?.Many("only"),
            SyscallsAsked = syscalls?.Many("ask"),
            Limits = LimitKind.All
                .Select(kind => (kind, Item: limits?.One(kind.Key)))
                .Where(pair => pair.Item is not null)
                .ToDictionary(pair => pair.kind.Key, pair => pair.Item!.As(pair.kind.Parse(pair.Item!.Value))),
        };
    }

    /// <summary>The fields of a table that stands once; null when it is missing or no table.</summary>
    private Fields? One(PolicySection section)
    {
        switch (_table.Find(section.Name))
        {
            case null:
                return null;
            case { Value: TomlTable table }:
                return new Fields(section, table, _source, _errors);
            case { } entry:
                _errors.Add(_source.Error(entry.Mark, $"'{section.Name}' is a table, this is {entry.Value.Described}", $"write it as {section.Header}"));
                return null;
        }
    }

    /// <summary>The rules of a table that stands once a rule; null when there is none at all.</summary>
    private List<Entry<T>>? Rules<T>(PolicySection section, Func<Fields, Entry<T>?> read)
    {
        if (_table.Find(section.Name) is not { } entry)
        {
            return null;
        }

        if (entry.Value is not TomlArray array)
        {
            _errors.Add(_source.Error(entry.Mark, $"'{section.Name}' stands once a rule, this is {entry.Value.Described}", $"write it as {section.Header}"));
            return null;
        }

        List<Entry<T>> rules = [];
        foreach (TomlNode item in array.Items)
        {
            if (item is not TomlTable table)
            {
                _errors.Add(_source.Error(item.Mark, $"'{section.Name}' is a list of tables, this is {item.Described}", $"write it as {section.Header}"));
            }
            else if (read(new Fields(section, table, _source, _errors)) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return rules;
    }

    private Entry<CommandRule>? CommandOf(Fields fields)
    {
        if (fields.One("path") is not { } path)
        {
            return null;
        }

        IReadOnlyList<Entry<string>>? patterns = fields.Many("arguments");
        _errors.AddRange((patterns ?? []).SkipLast(1).Where(item => item.Value == CommandMatch.Rest).Select(item => item.Error($"\"{CommandMatch.Rest}\" stands for all further arguments, so it is the last one", "\"*\" stands for one argument")));
        string[]? arguments = patterns?.Select(item => item.Value).ToArray();
        string[] forbidden = [.. (fields.Many("forbid") ?? []).Select(item => item.Value)];
        return path.As(new CommandRule(path.Value, arguments, forbidden, path.Line, NeedsApproval: fields.One("approve")?.Value == Words.True));
    }

    private Entry<HostRule>? HostOf(Fields fields)
    {
        if (fields.One("name") is not { } name)
        {
            return null;
        }

        int[] ports = [.. (fields.Many("ports") ?? []).Select(item => int.Parse(item.Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(HttpsPort).Order()];
        string[] methods = [.. (fields.Many("methods") ?? []).Select(item => item.Value)];
        string[] prefixes = [.. (fields.Many("paths") ?? []).Select(item => item.Value)];
        return name.As(new HostRule(name.Value, ports, methods, prefixes, name.Line));
    }
}
