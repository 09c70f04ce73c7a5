using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ClawOS.Cli.Policies;
using ClawOS.Cli.Terminal;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Verbs;

/// <summary>claw policy refine: what the kernel's log says a policy lacks.</summary>
internal static class PolicyRefineVerb
{
    internal static Verb Build()
    {
        Verb verb = new(
            "refine",
            "Propose rules for what AppArmor has refused by a policy, from the kernel's log (dmesg, journalctl -k, audit.log). Nothing is changed: whoever writes the log chooses what is proposed, so read it before you add it.",
            "dmesg | claw policy refine coder --workspace . --log -",
            "claw policy refine my.toml --workspace . --log kernel.log");
        Argument<string> named = new("POLICY") { Description = NamedPolicy.Help };
        Option<string> log = new("--log") { Description = "the log; - is standard input", HelpName = "FILE", Required = true };
        Option<bool> json = new("--json") { Description = "print JSON: [{\"key\",\"path\",\"count\",\"programs\":[...],\"deniedBy\"}]" };
        verb.Add(named);
        verb.Add(log);
        verb.Add(json);
        PolicyOptions options = new(verb);
        verb.SetAction(parsed =>
        {
            EffectivePolicy policy = NamedPolicy.Find(parsed.GetValue(named)!, options.MountOf(parsed)).Compile(options.Read(parsed));
            Refinement refinement = Refinement.Of(policy, Lines(parsed.GetValue(log)!));
            if (parsed.GetValue(json))
            {
                CliJson.Write(new JsonArray([.. refinement.Rules.Select(ToJson)]));
            }
            else
            {
                Show(refinement);
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static IEnumerable<string> Lines(string file)
    {
        if (file != "-")
        {
            return File.Exists(file) ? File.ReadLines(file) : throw new CliException(ExitCodes.NotFound, $"{file}: no such file");
        }

        return StandardInput();
    }

    private static IEnumerable<string> StandardInput()
    {
        while (Console.In.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Lists that can be copied into the policy's [paths].</summary>
    private static void Show(Refinement refinement)
    {
        if (refinement.Rules.Count > 0)
        {
            Out.Line("[paths]");
        }

        foreach (IGrouping<string, ProposedRule> rules in refinement.Rules.GroupBy(rule => rule.Key))
        {
            Out.Line($"{rules.Key} = [");
            foreach (ProposedRule rule in rules)
            {
                string denied = rule.DeniedBy is null ? "" : $"; denied by {rule.DeniedBy}, which would have to go";
                Out.Line(string.Create(CultureInfo.InvariantCulture, $"  \"{rule.Path.Replace("\"", "\\\"", StringComparison.Ordinal)}\", # {rule.Count} x by {string.Join(", ", rule.Programs.Select(Plain))}{denied}"));
            }

            Out.Line("]");
        }

        foreach (IGrouping<string, Denial> other in refinement.Others.GroupBy(denial => denial.Operation))
        {
            Out.Warn(string.Create(CultureInfo.InvariantCulture, $"policy refine: {Plain(other.Key)}, {other.Count()} x by {string.Join(", ", other.Select(denial => Plain(denial.Program)).Distinct())}: no rule of a policy allows this"));
        }

        if (refinement.Rules.Count + refinement.Others.Count == 0)
        {
            Out.Line("nothing: the log has no refusal by a profile of this policy");
        }
    }

    /// <summary>A program names itself: nothing of that may break a line, move a cursor or turn the direction of writing.</summary>
    private static string Plain(string name) => string.Concat(name.Select(character => char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format ? '?' : character));

    private static JsonNode ToJson(ProposedRule rule) => new JsonObject
    {
        ["key"] = rule.Key,
        ["path"] = rule.Path,
        ["count"] = rule.Count,
        ["programs"] = new JsonArray([.. rule.Programs.Select(name => JsonValue.Create(name))]),
        ["deniedBy"] = rule.DeniedBy,
    };
}
