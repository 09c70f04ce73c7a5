using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw index status|tune|set: the search index of a mount.</summary>
internal static class IndexVerb
{
    internal static Command Build()
    {
        Verb verb = new("index", "Look at the search index of a mount and tune it.", "claw index status", "claw index tune --recall 0.95", "claw index set efSearch=96");
        verb.Add(BuildStatus());
        verb.Add(BuildTune());
        verb.Add(BuildSet());
        return verb;
    }

    private static Verb BuildStatus()
    {
        Verb verb = new("status", "Print sys/index/status: how far the index is, and what makes its vectors.", "claw index status", "claw index status --mount /tmp/claw");
        Option<string?> mount = MountOption(verb);
        verb.SetAction(parsed =>
        {
            string file = Path.Combine(KnownMount.Choose(parsed.GetValue(mount)).MountPoint, "sys/index/status");
            try
            {
                Console.Out.Write(File.ReadAllText(file));
            }
            catch (IOException error)
            {
                throw new CliException(ExitCodes.Failed, $"{file}: {error.Message}");
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Verb BuildTune()
    {
        Verb verb = new(
            "tune",
            "Measure the index on its own vectors, against an exact scan, and set the least efSearch that reaches a recall. Exit code 1 when none does.",
            "claw index tune --recall 0.95",
            "claw index tune --recall 0.99 --dry-run",
            "claw index tune --json --dry-run");
        Option<double> recall = new("--recall") { Description = "share of the ten nearest that must be found", DefaultValueFactory = _ => 0.95 };
        Option<bool> apply = new("--apply") { Description = "write efSearch to sys/index/params (what is done anyway)" };
        Option<bool> dry = new("--dry-run") { Description = "measure only" };
        Option<bool> json = new("--json") { Description = "print JSON: {\"vectors\",\"dimensions\",\"queries\",\"recall\",\"before\",\"chosen\",\"applied\",\"rows\":[{efSearch, recall, p50_us}]}" };
        Option<string?> mount = MountOption(verb);
        verb.Add(recall);
        verb.Add(apply);
        verb.Add(dry);
        verb.Add(json);
        verb.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(apply) && parsed.GetValue(dry))
            {
                throw new CliException(ExitCodes.Usage, "--apply and --dry-run exclude each other");
            }

            KnownMount chosen = KnownMount.Choose(parsed.GetValue(mount));
            JsonObject answer = await Out.WithProgressAsync("measuring the index", progress => new FsControl(chosen).AskAsync(
                new JsonObject { ["command"] = "index-tune", ["recall"] = parsed.GetValue(recall), ["apply"] = !parsed.GetValue(dry) }, progress));
            if (parsed.GetValue(json))
            {
                CliJson.Write(answer);
            }
            else
            {
                Print(answer, chosen.MountPoint);
            }

            return answer["chosen"] is null ? ExitCodes.Failed : ExitCodes.Ok;
        });
        return verb;
    }

    private static Verb BuildSet()
    {
        Verb verb = new(
            "set",
            "Change some of sys/index/params and leave the others. M, efConstruction and dimensions have the vectors made anew, in the background.",
            "claw index set efSearch=96",
            "claw index set M=24 efConstruction=300 efSearch=64");
        Argument<string[]> settings = new("NAME=VALUE") { Description = "as in sys/index/params", Arity = ArgumentArity.OneOrMore };
        Option<string?> mount = MountOption(verb);
        verb.Add(settings);
        verb.SetAction(async (parsed, _) =>
        {
            JsonObject answer = await new FsControl(KnownMount.Choose(parsed.GetValue(mount))).AskAsync(
                new JsonObject { ["command"] = "index-set", ["settings"] = string.Join(' ', parsed.GetValue(settings)!) });
            Console.Out.Write(answer["settings"]!.GetValue<string>());
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static void Print(JsonObject answer, string mountPoint)
    {
        Out.Line($"{answer["vectors"]} vectors of {answer["dimensions"]} dimensions, {answer["queries"]} questions, ten nearest each");
        Out.Table(["efSearch", "recall@10", "p50 us"], answer["rows"]!.AsArray().Select(static row => (string[])
        [
            $"{row!["efSearch"]}",
            row["recall"]!.GetValue<double>().ToString("0.000", CultureInfo.InvariantCulture),
            row["p50_us"]!.GetValue<double>().ToString("0", CultureInfo.InvariantCulture),
        ]));
        int before = answer["before"]!.GetValue<int>();
        string wanted = answer["recall"]!.GetValue<double>().ToString(CultureInfo.InvariantCulture);
        Out.Line(answer["chosen"] switch
        {
            null => $"no efSearch reaches recall {wanted}: raise M or efConstruction (claw bench hnsw --mount {mountPoint} finds which); nothing was changed",
            var chosen when answer["applied"]!.GetValue<bool>() => $"wrote efSearch={chosen} to {mountPoint}/sys/index/params (before: {before})",
            var chosen when chosen.GetValue<int>() == before => $"efSearch={before} is the least that reaches recall {wanted}, and is set already",
            var chosen => $"efSearch={chosen} is the least that reaches recall {wanted} (now: {before}); nothing was changed",
        });
    }

    private static Option<string?> MountOption(Verb verb)
    {
        Option<string?> mount = new("--mount") { Description = "which mount (default: the only one)", HelpName = "DIR" };
        verb.Add(mount);
        return mount;
    }
}
