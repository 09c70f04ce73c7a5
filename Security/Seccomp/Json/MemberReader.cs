using System.Text.Json;

namespace ClawOS.Security.Seccomp.Json;

/// <summary>The members of an object, checked: unknown and repeated ones are errors, and so is a value of another type than expected.</summary>
internal sealed class MemberReader
{
    private readonly Dictionary<string, PlacedValue> members = [];
    private readonly PlacedValue owner;
    private readonly string what;
    private readonly ProfileErrors errors;

    /// <param name="owner">The object.</param>
    /// <param name="what">What it is, like "a group".</param>
    /// <param name="known">Names of its members.</param>
    /// <param name="refused">Names that the format has, with the reason why they are not honoured.</param>
    /// <param name="errors">Gets what is wrong.</param>
    internal MemberReader(PlacedValue owner, string what, string[] known, IReadOnlyDictionary<string, string> refused, ProfileErrors errors)
    {
        (this.owner, this.what, this.errors) = (owner, what, errors);
        if (owner.Type != JsonTokenType.StartObject)
        {
            errors.Add(owner, $"{what} is an object");
        }

        foreach ((PlacedValue name, PlacedValue value) in owner.Members)
        {
            if (refused.TryGetValue(name.Text, out string? reason))
            {
                errors.Add(name, $"\"{name.Text}\" is not honoured: {reason}");
            }
            else if (!known.Contains(name.Text))
            {
                errors.Add(name, $"{what} has no member \"{name.Text}\"", NearestName.Of(name.Text, known));
            }
            else if (!members.TryAdd(name.Text, value))
            {
                errors.Add(name, $"\"{name.Text}\" is given twice");
            }
        }
    }

    internal PlacedValue? Optional(string name, JsonTokenType type)
    {
        if (!members.TryGetValue(name, out PlacedValue? value) || value.Type == type)
        {
            return value;
        }

        // Said once, however often it is asked for.
        errors.Add(value, $"\"{name}\" is {Word(type)}");
        members.Remove(name);
        return null;
    }

    internal PlacedValue? Required(string name, JsonTokenType type)
    {
        // An owner of the wrong type has no members to miss: that it is none is said already.
        if (!members.ContainsKey(name) && owner.Type == JsonTokenType.StartObject)
        {
            errors.Add(owner, $"{what} needs \"{name}\"");
        }

        return Optional(name, type);
    }

    /// <summary>A whole number from 0 to <paramref name="most"/>.</summary>
    internal ulong? Number(string name, ulong most)
    {
        if (Optional(name, JsonTokenType.Number) is not { } value)
        {
            return null;
        }

        if (ulong.TryParse(value.Text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out ulong number) && number <= most)
        {
            return number;
        }

        errors.Add(value, $"\"{name}\" is a whole number from 0 to {most}");
        return null;
    }

    private static string Word(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "a list",
        JsonTokenType.Number => "a number",
        _ => "a text",
    };
}
