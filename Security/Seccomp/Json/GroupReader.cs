using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClawOS.Security.Seccomp.Json;

/// <summary>Reads the groups of a profile, in order.</summary>
internal sealed class GroupReader(IReadOnlyList<Architecture> architectures, ProfileErrors errors)
{
    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["includes"] = "a profile means the same on every machine: write a profile for each case",
        ["excludes"] = "a profile means the same on every machine: write a profile for each case",
        ["name"] = "write \"names\" with a list",
    };

    /// <summary>Calls that an earlier group decides for all arguments, and where.</summary>
    private readonly Dictionary<string, PlacedValue> decided = [];

    internal SyscallGroup Read(PlacedValue value)
    {
        MemberReader members = new(value, "a group", ["comment", "names", "action", "errnoRet", "args"], s_refused, errors);
        PlacedValue? comment = members.Required("comment", JsonTokenType.String);
        if (comment is not null && string.IsNullOrWhiteSpace(comment.Text))
        {
            errors.Add(comment, "a group says why it is there");
        }

        FilterAction action = ActionReader.Read(members, "action", "errnoRet", errors);
        List<ArgumentTest> tests = ArgumentReader.Read(members.Optional("args", JsonTokenType.StartArray), errors);
        bool unconditional = members.Optional("args", JsonTokenType.StartArray) is not { Items.Count: > 0 };
        List<string> names = Names(members.Required("names", JsonTokenType.StartArray), unconditional);
        return new(names, action, tests, comment?.Text ?? "");
    }

    private List<string> Names(PlacedValue? list, bool unconditional)
    {
        List<string> names = [];
        foreach (PlacedValue item in list?.Items ?? [])
        {
            if (item.Type != JsonTokenType.String)
            {
                errors.Add(item, "the name of a system call is a text");
            }
            else if (architectures.Count > 0 && SyscallNames.Fault(item.Text, architectures) is { } fault)
            {
                errors.Add(item, fault.Message, fault.Suggestion);
            }
            else if (names.Contains(item.Text))
            {
                errors.Add(item, $"{item.Text} is named twice in this group");
            }
            else if (decided.TryGetValue(item.Text, out PlacedValue? earlier))
            {
                errors.Add(item, $"{item.Text} is decided in line {errors.Line(earlier)} for all arguments, so this is never reached");
            }
            else
            {
                names.Add(item.Text);
                if (unconditional)
                {
                    decided[item.Text] = item;
                }
            }
        }

        if (list is { Items.Count: 0 })
        {
            errors.Add(list, "a group names at least one system call");
        }

        return names;
    }
}
