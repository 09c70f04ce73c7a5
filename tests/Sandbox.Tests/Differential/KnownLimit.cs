namespace Sandbox.Tests.Differential;

/// <summary>What a layer cannot express, as docs/policy.md lists it: the only disagreements that are no defect.</summary>
internal static class KnownLimit
{
    internal static string? Of(Judged judged) =>
        judged is { Asked.Act: Act.ListFolder, Both: not Probe.Done } && judged.Evaluator.Reason.Contains("folders are not listed", StringComparison.Ordinal) ? "a folder that may be executed, not read, is not listed"
        : judged is { Asked.Act: Act.ListFolder, Both: not Probe.Done } && judged.Policy.Paths.Any(rule => rule.Path == judged.Asked.Path && !rule.IsTree && !rule.IsDenied) ? "a folder alone, without what is in it, cannot be granted"
        : judged.Asked.Act == Act.ListFolder && judged.Missing.Any(line => line.Contains($"{judged.Asked.Path} alone is denied", StringComparison.Ordinal)) ? "a folder alone, without what is in it, cannot be denied; the plan says so"
        : judged is { Asked.Act: Act.ListFolder, Both: not Probe.Done, View: Probe.Done, Landlock: not Probe.Done } && Grants(judged) ? "in the view alone, a folder on the way to what is granted, or granted alone, lists that"
        : null;

    private static bool Grants(Judged judged) =>
        judged.Policy.Paths.Where(rule => !rule.IsDenied).Select(rule => rule.Path).Concat(judged.Policy.Commands.Select(rule => rule.Path))
            .Any(path => path == judged.Asked.Path || path.StartsWith(judged.Asked.Path + "/", StringComparison.Ordinal));
}
