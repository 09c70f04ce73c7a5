using System.CommandLine;
using System.Text.Json.Nodes;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw approve: shows what waits for the owner's yes, and answers.</summary>
internal static class ApproveVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "approve",
            "Show what waits for your yes, and answer. Without ID: list it and, on a terminal, ask about each. With ID: show it and, on a terminal, ask; elsewhere, or with --yes, say yes. An ID that a program printed may be another question's: read what is shown.",
            "claw approve",
            "claw approve k3vq7xza",
            "claw approve k3vq7xza --yes",
            "claw approve k3vq7xza --deny",
            "claw approve --list --json");
        Argument<string?> id = new("ID") { Description = "which one; its name in approvals/", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> deny = new("--deny") { Description = "say no" };
        Option<bool> yes = new("--yes") { Description = "with ID: say yes without being asked" };
        Option<bool> list = new("--list") { Description = "show what waits, and ask nothing" };
        Option<bool> json = new("--json") { Description = "with --list: print JSON: [{\"id\",\"card\"}]" };
        Option<string?> mount = new("--mount") { Description = "which mount (default: the only one)", HelpName = "DIR" };
        verb.Add(id);
        verb.Add(deny);
        verb.Add(yes);
        verb.Add(list);
        verb.Add(json);
        verb.Add(mount);
        verb.Validators.Add(parsed =>
        {
            bool isNamed = parsed.GetValue(id) is not null, isList = parsed.GetValue(list);
            if ((parsed.GetValue(deny) || parsed.GetValue(yes)) && (isList || !isNamed))
            {
                parsed.AddError($"{(parsed.GetValue(deny) ? "--deny" : "--yes")} goes with an ID");
            }
            else if (parsed.GetValue(deny) && parsed.GetValue(yes))
            {
                parsed.AddError("--yes and --deny are two answers");
            }
            else if (isList && isNamed)
            {
                parsed.AddError("--list goes without an ID");
            }
            else if (parsed.GetValue(json) && !isList)
            {
                parsed.AddError("--json goes with --list");
            }
        });
        verb.SetAction(parsed =>
        {
            WaitingApprovals waiting = new(KnownMount.Choose(parsed.GetValue(mount)).MountPoint);
            if (parsed.GetValue(id) is { } named)
            {
                AnswerOne(waiting, named, parsed.GetValue(deny) ? false : parsed.GetValue(yes) || !IsTerminal ? true : null);
            }
            else if (parsed.GetValue(json))
            {
                CliJson.Write(new JsonArray([.. waiting.All().Select(static one => new JsonObject { ["id"] = one.Id, ["card"] = one.Card })]));
            }
            else
            {
                ShowAll(waiting, asks: !parsed.GetValue(list) && IsTerminal);
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static bool IsTerminal => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <param name="waiting">What waits.</param>
    /// <param name="id">Which; it may have been copied from what a program in a sandbox printed, and then be any.</param>
    /// <param name="given">The answer; null: who has seen the card is asked.</param>
    private static void AnswerOne(WaitingApprovals waiting, string id, bool? given)
    {
        Show(id, waiting.Read(id));
        if ((given ?? Ask()) is not { } isYes)
        {
            Out.Line($"{id}: still waits");
            return;
        }

        waiting.Answer(id, isYes);
        Out.Line(isYes ? $"{id}: you said yes" : $"{id}: you said no");
    }

    private static void ShowAll(WaitingApprovals waiting, bool asks)
    {
        IReadOnlyList<(string Id, string Card)> all = waiting.All();
        if (all.Count == 0)
        {
            Out.Line("nothing waits for your yes");
        }

        foreach ((string id, string card) in all)
        {
            Show(id, card);
            if (asks && Ask() is { } isYes)
            {
                try
                {
                    waiting.Answer(id, isYes);
                }
                catch (CliException late)
                {
                    Out.Warn(late.Message); // It ended while it was looked at; the others have not.
                }
            }
        }
    }

    private static void Show(string id, string card) =>
        Out.Line($"{id}\n{string.Concat(card.TrimEnd('\n').Split('\n').Select(static line => $"    {line}\n"))}");

    /// <summary>What somebody types who has seen it; what was typed before that is no answer.</summary>
    private static bool? Ask()
    {
        while (Console.KeyAvailable)
        {
            _ = Console.ReadKey(intercept: true);
        }

        Console.Error.Write("Allow it? y: yes, n: no, Enter: leave it waiting [y/n] ");
        return Console.In.ReadLine()?.Trim() switch
        {
            "y" or "yes" => true,
            "n" or "no" => false,
            _ => null,
        };
    }
}
