using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClawOS.Security.Seccomp.Json;

/// <summary>Reads a profile and keeps all that is wrong with it. Nothing is ignored: what the format has and ClawOS does not honour is an error with the reason.</summary>
internal sealed class ProfileParser(SourceText source)
{
    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["archMap"] = "list the architectures in \"architectures\"; calls of other ABIs end the process",
        ["flags"] = "the flags of the filter are the launcher's",
        ["listenerPath"] = "the listener is the launcher's",
        ["listenerMetadata"] = "the listener is the launcher's",
    };

    private readonly ProfileErrors errors = new(source);

    /// <exception cref="ProfileException">The text has errors.</exception>
    internal SeccompProfile Parse()
    {
        MemberReader members = new(PlacedValue.Read(source), "a profile", ["comment", "defaultAction", "defaultErrnoRet", "architectures", "syscalls"], s_refused, errors);
        string comment = members.Optional("comment", JsonTokenType.String)?.Text ?? "";
        FilterAction action = ActionReader.Read(members, "defaultAction", "defaultErrnoRet", errors);
        List<Architecture> architectures = Architectures(members.Required("architectures", JsonTokenType.StartArray));
        List<SyscallGroup> groups = [];
        if (members.Required("syscalls", JsonTokenType.StartArray) is { } syscalls)
        {
            GroupReader reader = new(architectures, errors);
            groups.AddRange(syscalls.Items.Select(reader.Read));
        }

        errors.ThrowIfAny();
        return new(source.Name, comment, action, architectures, groups);
    }

    private List<Architecture> Architectures(PlacedValue? list)
    {
        List<Architecture> architectures = [];
        foreach (PlacedValue item in list?.Items ?? [])
        {
            SyscallTable? table = SyscallTable.Architectures.Select(SyscallTable.For).FirstOrDefault(table => table.ProfileName == item.Text);
            if (table is null)
            {
                errors.Add(item, $"no table of system calls for {(item.Text.Length == 0 ? "this" : item.Text)}", NearestName.Of(item.Text, SyscallTable.Architectures.Select(known => SyscallTable.For(known).ProfileName)));
            }
            else if (architectures.Contains(table.Architecture))
            {
                errors.Add(item, $"{item.Text} is listed twice");
            }
            else
            {
                architectures.Add(table.Architecture);
            }
        }

        if (list is { Items.Count: 0 })
        {
            errors.Add(list, "a profile is made for at least one architecture");
        }

        return architectures;
    }
}
