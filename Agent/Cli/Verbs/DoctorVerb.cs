using System.CommandLine;
using System.Text.Json.Nodes;
using ClawFS.Supervisor;
using ClawOS.Cli.Doctor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw doctor: facts about this machine and the running services, each with the way out where something is missing.</summary>
internal static class DoctorVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "doctor",
            "Say what this machine has and lacks, and try every layer of a sandbox on its kernel. Exit code 1 when something needed is missing.",
            "claw doctor",
            "claw doctor --json");
        Option<bool> json = new("--json") { Description = "print JSON: [{\"name\",\"verdict\",\"fact\",\"wayOut\",\"milliseconds\"}], the last of what was tried" };
        verb.Add(json);
        verb.SetAction(async (parsed, _) =>
        {
            StatusReport?[] mounts = await Task.WhenAll(KnownMount.All().Select(StatusVerb.LookAsync));
            Finding[] findings = [.. MachineChecks.Run(), .. LayerChecks.Run(), .. mounts.OfType<StatusReport>().SelectMany(ServiceChecks.Run)];
            if (parsed.GetValue(json))
            {
                CliJson.Write(new JsonArray([.. findings.Select(ToJson)]));
            }
            else
            {
                Out.Table(["what", "", "fact", "way out"], findings.Select(finding => (string[])[finding.Name, Name(finding.Verdict), finding.Fact, finding.WayOut ?? ""]));
                Out.Line("Not protected, whatever stands above: root on this machine, timing and counts, and what a program that may read a file does with it.");
            }

            return findings.Any(finding => finding.Verdict == Verdict.Missing) ? ExitCodes.Failed : ExitCodes.Ok;
        });
        return verb;
    }

    private static JsonNode ToJson(Finding finding) => new JsonObject
    {
        ["name"] = finding.Name,
        ["verdict"] = Name(finding.Verdict),
        ["fact"] = finding.Fact,
        ["wayOut"] = finding.WayOut,
        ["milliseconds"] = finding.Took is { } took ? Math.Round(took.TotalMilliseconds, 1) : null,
    };

    private static string Name(Verdict verdict) => verdict.ToString().ToLowerInvariant();
}
