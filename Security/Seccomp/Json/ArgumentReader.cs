using System.Text.Json;

namespace ClawOS.Security.Seccomp.Json;

/// <summary>Reads the conditions of a group.</summary>
internal static class ArgumentReader
{
    private static readonly Dictionary<string, string> s_refused = [];

    internal static List<ArgumentTest> Read(PlacedValue? list, ProfileErrors errors)
    {
        List<ArgumentTest> tests = [];
        foreach (PlacedValue item in list?.Items ?? [])
        {
            if (ReadOne(item, errors) is not { } test)
            {
                continue;
            }

            if (tests.Exists(other => other.Index == test.Index))
            {
                // libseccomp refuses it and runc makes it an "or", so no meaning would be everybody's.
                errors.Add(item, $"argument {test.Index} is compared twice: write one masked comparison, or several groups");
            }
            else if (test.IsConstant)
            {
                errors.Add(item, "this comparison has the same result for every argument");
            }
            else
            {
                tests.Add(test);
            }
        }

        return tests;
    }

    private static ArgumentTest? ReadOne(PlacedValue value, ProfileErrors errors)
    {
        MemberReader members = new(value, "a condition", ["index", "value", "valueTwo", "op"], s_refused, errors);
        members.Required("index", JsonTokenType.Number);
        members.Required("value", JsonTokenType.Number);
        ulong? index = members.Number("index", ArgumentTest.MaxArguments - 1), first = members.Number("value", ulong.MaxValue), second = members.Number("valueTwo", ulong.MaxValue);
        if (members.Required("op", JsonTokenType.String) is not { } op)
        {
            return null;
        }

        int comparison = ArgumentTest.ProfileNames.ToList().IndexOf(op.Text);
        if (comparison < 0)
        {
            errors.Add(op, $"no comparison is named {op.Text}", NearestName.Of(op.Text, ArgumentTest.ProfileNames));
            return null;
        }

        if (second is > 0 && (Comparison)comparison != Comparison.MaskedEqual)
        {
            errors.Add(value, "\"valueTwo\" goes with SCMP_CMP_MASKED_EQ only");
            return null;
        }

        return index is null || first is null ? null : new((int)index.Value, (Comparison)comparison, first.Value, second ?? 0);
    }
}
