using System.Globalization;
using ClawOS.Security.Policy.Toml;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Language;

/// <summary>One table of a file, held against the table of keys. Values that fail are reported and left out, so that one run shows all faults.</summary>
internal sealed class Fields
{
    private readonly SourceText _source;
    private readonly Dictionary<string, List<Entry<string>>> _values = new(StringComparer.Ordinal);

    internal Fields(PolicySection section, TomlTable table, SourceText source, List<PolicyError> errors)
    {
        _source = source;
        foreach (TomlEntry entry in table.Entries)
        {
            if (section.Find(entry.Key) is { } key)
            {
                _values[key.Name] = [.. ItemsOf(key, entry, errors).Where(item => Passes(key, item, errors)).Select(item => new Entry<string>(TextOf(item), source, item.Mark))];
                RefuseRepeated(key, _values[key.Name], errors);
            }
            else if (section.Name.Length > 0 || PolicyKeys.Sections.Skip(1).All(known => known.Name != entry.Key))
            {
                errors.Add(source.Error(entry.Mark, $"unknown key '{entry.Key}'", SuggestionFor(section, entry.Key)));
            }
        }

        foreach (PolicyKey key in section.Keys.Where(key => key.IsRequired && table.Find(key.Name) is null))
        {
            errors.Add(source.Error(table.Mark, $"{section.Header} needs the key '{key.Name}'") with { IsOfAbsence = true });
        }
    }

    /// <summary>The value of a key with one value; null when it is missing or wrong.</summary>
    internal Entry<string>? One(string key) => _values.GetValueOrDefault(key)?.FirstOrDefault();

    /// <summary>The items of a list that pass; null when the key is missing.</summary>
    internal IReadOnlyList<Entry<string>>? Many(string key) => _values.GetValueOrDefault(key);

    private List<TomlNode> ItemsOf(PolicyKey key, TomlEntry entry, List<PolicyError> errors)
    {
        if (!key.IsList)
        {
            return [entry.Value];
        }

        if (entry.Value is not TomlArray { IsOfHeaders: false } array)
        {
            string item = key.IsInteger ? "[443]" : "[\"...\"]";
            errors.Add(_source.Error(entry.Value.Mark, $"'{key.Name}' is a list, this is {entry.Value.Described}", $"write {key.Name} = {item}"));
            return [];
        }

        if (array.Items.Count == 0 && !key.MayBeEmpty)
        {
            errors.Add(_source.Error(array.Mark, $"'{key.Name}' is empty, so that nothing passes", "leave the key out for the default, or the whole rule to allow nothing"));
        }

        return array.Items;
    }

    private bool Passes(PolicyKey key, TomlNode item, List<PolicyError> errors)
    {
        if (item is not (TomlText or TomlInteger or TomlBoolean) || item is TomlInteger != key.IsInteger || item is TomlBoolean != key.IsBoolean)
        {
            string wanted = key.IsBoolean ? "true or false" : key.IsInteger ? "a whole number" : "a text";
            string quoted = key.IsBoolean ? "write it without quotes: true" : item is TomlInteger ? $"write it in quotes: \"{_source.Text.AsSpan(item.Mark.Offset, item.Mark.Length)}\"" : "";
            errors.Add(_source.Error(item.Mark, key.IsList ? $"'{key.Name}' is a list of {(key.IsInteger ? "whole numbers" : "texts")}, this is {item.Described}" : $"'{key.Name}' is {wanted}, this is {item.Described}", quoted));
            return false;
        }

        Fault? fault = key.Check(TextOf(item));
        if (fault is not null)
        {
            errors.Add(_source.Error(item.Mark, fault.Message, fault.Suggestion));
        }

        return fault is null;
    }

    private static void RefuseRepeated(PolicyKey key, List<Entry<string>> items, List<PolicyError> errors)
    {
        Dictionary<string, Entry<string>> seen = new(StringComparer.Ordinal);
        foreach (Entry<string> item in items)
        {
            if (!key.MayRepeat && !seen.TryAdd(item.Value, item))
            {
                errors.Add(item.Error($"'{item.Value}' is listed already, at line {seen[item.Value].Line.Line}", "take one of the two out"));
            }
        }
    }

    private static string SuggestionFor(PolicySection section, string typed)
    {
        string[] here = [.. section.Keys.Select(key => key.Name), .. section.Name.Length == 0 ? PolicyKeys.Sections.Skip(1).Select(known => known.Name) : []];
        PolicySection? elsewhere = PolicyKeys.Sections.FirstOrDefault(known => known.Find(typed) is not null);
        return elsewhere is not null ? $"'{typed}' belongs to {elsewhere.Header}"
            : Similar.Suggest(typed, here) is { Length: > 0 } suggestion ? suggestion
            : $"the keys here are {string.Join(", ", here)}";
    }

    private static string TextOf(TomlNode node) => node switch
    {
        TomlText text => text.Value,
        TomlBoolean truth => truth.Value ? Words.True : "false",
        _ => ((TomlInteger)node).Value.ToString(CultureInfo.InvariantCulture),
    };
}
