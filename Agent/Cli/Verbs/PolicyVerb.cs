using System.CommandLine;
using System.Text.Json.Nodes;
using ClawOS.Cli.Policies;
using ClawOS.Cli.Terminal;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Verbs;

/// <summary>claw policy check|explain|diff|compile: what policies say, without enforcing anything; and learn, which proposes one.</summary>
internal static class PolicyVerb
{
    internal static Command Build()
    {
        Verb verb = new("policy", "Check policies and ask what they allow.", "claw policy check coder", "claw policy explain coder \"open-read /etc/shadow\"", "claw policy compile coder --workspace .");
        verb.Add(BuildCheck());
        verb.Add(BuildExplain());
        verb.Add(BuildDiff());
        verb.Add(BuildCompile());
        verb.Add(PolicyShowVerb.Build());
        verb.Add(LearnVerb.Build());
        verb.Add(PolicyRefineVerb.Build());
        return verb;
    }

    private static Verb BuildCheck()
    {
        Verb verb = new("check", "Check policies with their parents: every error with its place and what to do. Exit code 1 when one is refused.", "claw policy check coder", "claw policy check my.toml", "claw policy check policies --json");
        Argument<string[]> named = new("POLICY") { Description = $"{NamedPolicy.Help}; a folder stands for all files in it", Arity = ArgumentArity.OneOrMore };
        Option<bool> json = new("--json") { Description = "print JSON: [{\"name\",\"errors\":[{\"file\",\"line\",\"column\",\"length\",\"message\",\"suggestion\"}]}]" };
        verb.Add(named);
        verb.Add(json);
        PolicyOptions options = new(verb);
        verb.SetAction(parsed =>
        {
            CompileOptions compile = options.Read(parsed);
            (string Name, IReadOnlyList<PolicyError> Errors)[] checks = [.. parsed.GetValue(named)!.SelectMany(name => NamedPolicy.FindAll(name, options.MountOf(parsed))).Select(policy => (policy.Name, policy.Set.Compile(policy.Name, compile).Errors))];
            if (parsed.GetValue(json))
            {
                CliJson.Write(new JsonArray([.. checks.Select(check => PolicyJson.Of(check.Name, check.Errors))]));
            }
            else
            {
                foreach ((string name, IReadOnlyList<PolicyError> errors) in checks)
                {
                    Out.Line(errors.Count == 0 ? $"{name}: ok" : $"{name}: refused\n{string.Join('\n', errors)}");
                }
            }

            return checks.All(check => check.Errors.Count == 0) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return verb;
    }

    private static Verb BuildExplain()
    {
        Verb verb = new(
            "explain",
            "Say whether a policy allows an act, which layer enforces that and which line decides. A question is one word to the shell: open-read PATH, open-write PATH, exec PATH [ARGUMENT...], connect HOST:PORT [METHOD PATH], secret NAME, syscall NAME.",
            "claw policy explain coder \"open-read /etc/shadow\"",
            "claw policy explain researcher \"connect arxiv.org:443 GET /abs/2401.00001\" \"secret TOKEN\"");
        Argument<string> named = new("POLICY") { Description = NamedPolicy.Help };
        Argument<string[]> questions = new("QUESTION") { Description = "what to ask, each in quotes", Arity = ArgumentArity.OneOrMore };
        Option<bool> json = new("--json") { Description = "print JSON: [{\"question\",\"verdict\",\"layers\":[...],\"rule\",\"reason\"}]" };
        verb.Add(named);
        verb.Add(questions);
        verb.Add(json);
        PolicyOptions options = new(verb);
        verb.SetAction(parsed =>
        {
            Explainer explainer = new(NamedPolicy.Find(parsed.GetValue(named)!, options.MountOf(parsed)).Compile(options.Read(parsed)));
            (string Question, Explanation Answer)[] answers = [.. parsed.GetValue(questions)!.Select(question => (question, Ask(explainer, question)))];
            if (parsed.GetValue(json))
            {
                CliJson.Write(new JsonArray([.. answers.Select(answer => PolicyJson.Of(answer.Question, answer.Answer))]));
            }
            else
            {
                foreach ((string _, Explanation answer) in answers)
                {
                    Out.Line(answer.ToString());
                }
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Verb BuildDiff()
    {
        Verb verb = new("diff", "Show what another policy allows or denies beyond (+) and short of (-) one, with all parents joined in.", "claw policy diff read-only coder", "claw policy diff coder my.toml");
        Argument<string> from = new("POLICY") { Description = NamedPolicy.Help };
        Argument<string> to = new("OTHER") { Description = "the other one, named the same way" };
        verb.Add(from);
        verb.Add(to);
        PolicyOptions options = new(verb);
        verb.SetAction(parsed =>
        {
            CompileOptions compile = options.Read(parsed);
            string[] old = LinesOf(NamedPolicy.Find(parsed.GetValue(from)!, options.MountOf(parsed)).Compile(compile));
            string[] changed = LinesOf(NamedPolicy.Find(parsed.GetValue(to)!, options.MountOf(parsed)).Compile(compile));
            foreach (string line in old.Except(changed).Select(line => $"- {line}").Concat(changed.Except(old).Select(line => $"+ {line}")).OrderBy(line => line[2..], StringComparer.Ordinal))
            {
                Out.Line(line);
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Verb BuildCompile()
    {
        Verb verb = new("compile", "Show what a policy comes to with its parents: sorted, each rule with the layer that enforces it and its line. What is not there is denied.", "claw policy compile coder --workspace .", "claw policy compile my.toml --json", "claw policy compile my.toml --apparmor-text > profile");
        Argument<string> named = new("POLICY") { Description = NamedPolicy.Help };
        Option<bool> json = new("--json") { Description = "print JSON: [{\"what\",\"rule\",\"layers\":[...],\"line\"}]" };
        Option<bool> appArmor = new("--apparmor-text") { Description = "print the policy's AppArmor profile, for the paths that its sandbox sees; patterns need --apparmor, too" };
        verb.Add(named);
        verb.Add(json);
        verb.Add(appArmor);
        PolicyOptions options = new(verb);
        verb.SetAction(parsed =>
        {
            EffectivePolicy policy = NamedPolicy.Find(parsed.GetValue(named)!, options.MountOf(parsed)).Compile(options.Read(parsed));
            if (parsed.GetValue(appArmor))
            {
                Console.Out.Write(ProfileText.Of(policy).Text);
            }
            else if (parsed.GetValue(json))
            {
                CliJson.Write(new JsonArray([.. EffectiveText.Lines(policy).Select(PolicyJson.Of)]));
            }
            else
            {
                Console.Out.Write(EffectiveText.Render(policy));
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static string[] LinesOf(EffectivePolicy policy) => [.. EffectiveText.Lines(policy).Select(line => $"{line.What} {line.Rule}").Distinct()];

    private static Explanation Ask(Explainer explainer, string question)
    {
        try
        {
            return explainer.Explain(question);
        }
        catch (FormatException error)
        {
            throw new CliException(ExitCodes.Usage, error.Message);
        }
    }
}
