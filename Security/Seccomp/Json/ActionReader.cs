using System.Text.Json;

namespace ClawOS.Security.Seccomp.Json;

/// <summary>Reads an action and its error number.</summary>
internal static class ActionReader
{
    /// <summary>EPERM: the error when none is given, as in runc.</summary>
    private const int DefaultErrno = 1;

    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["SCMP_ACT_KILL"] = "it ends one thread and leaves the others in a state that no program expects: use SCMP_ACT_KILL_PROCESS",
        ["SCMP_ACT_KILL_THREAD"] = "it ends one thread and leaves the others in a state that no program expects: use SCMP_ACT_KILL_PROCESS",
        ["SCMP_ACT_TRACE"] = "nothing traces the program: use SCMP_ACT_NOTIFY",
    };

    /// <returns>The action; any, if there are errors.</returns>
    internal static FilterAction Read(MemberReader members, string actionName, string errnoName, ProfileErrors errors)
    {
        PlacedValue? given = members.Required(actionName, JsonTokenType.String);
        ulong? errno = members.Number(errnoName, FilterAction.MaxErrno);
        PlacedValue? errnoPlace = members.Optional(errnoName, JsonTokenType.Number);
        if (given is null)
        {
            return FilterAction.Allow;
        }

        int kind = FilterAction.ProfileNames.ToList().IndexOf(given.Text);
        if (kind < 0)
        {
            string? reason = s_refused.GetValueOrDefault(given.Text);
            errors.Add(given, reason is null ? $"no action is named {given.Text}" : $"{given.Text} is not honoured: {reason}", reason is null ? NearestName.Of(given.Text, FilterAction.ProfileNames) : null);
        }
        else if ((ActionKind)kind == ActionKind.Errno)
        {
            if (errno == 0)
            {
                errors.Add(errnoPlace!, "error 0 would claim success for a call that was not made");
            }

            return FilterAction.Refuse(errno is > 0 ? (int)errno.Value : DefaultErrno);
        }
        else if (errnoPlace is not null)
        {
            errors.Add(errnoPlace, $"\"{errnoName}\" goes with SCMP_ACT_ERRNO only");
        }

        return kind < 0 || (ActionKind)kind == ActionKind.Errno ? FilterAction.Allow : FilterAction.Of((ActionKind)kind);
    }
}
