using System.CommandLine;
using System.Text.Json.Nodes;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;
using Spectre.Console;

namespace ClawOS.Cli.Verbs;

/// <summary>claw search: what a folder below search/ shows, for people.</summary>
internal static class SearchVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "search",
            "Search the memory of a mount by meaning and by words. Exit code 0 with hits, 5 without.",
            "claw search how do I rotate credentials",
            "claw search \"rotate keys\" path:projects/x type:md -draft",
            "claw search --mode words --json 'tag:work \"exact phrase\"'");
        Argument<string[]> words = new("WORDS") { Description = "the question; filters: path: type: tag: after: before: -word \"phrase\"", Arity = ArgumentArity.OneOrMore };
        Option<string?> mount = new("--mount") { Description = "which mount (default: the only one)", HelpName = "DIR" };
        Option<int> count = new("--count", "-k") { Description = "most hits", DefaultValueFactory = _ => 10 };
        Option<string> mode = new("--mode") { Description = "hybrid, rrf, words or vectors", DefaultValueFactory = _ => "hybrid" };
        Option<bool> json = new("--json") { Description = "print JSON: {\"hits\":[{rank, score, path, lines, heading, snippet, sha256}],\"notes\":[...]}" };
        verb.Add(words);
        verb.Add(mount);
        verb.Add(count);
        verb.Add(mode);
        verb.Add(json);
        verb.SetAction(async (parsed, _) =>
        {
            KnownMount chosen = KnownMount.Choose(parsed.GetValue(mount));
            JsonObject answer = await new FsControl(chosen).AskAsync(new JsonObject
            {
                ["command"] = "search",
                ["query"] = Join(parsed.GetValue(words)!),
                ["options"] = $"k={parsed.GetValue(count)} mode={parsed.GetValue(mode)}",
            });
            if (parsed.GetValue(json))
            {
                CliJson.Write(answer);
            }
            else
            {
                Print(answer, chosen.MountPoint);
            }

            return answer["hits"]!.AsArray().Count > 0 ? ExitCodes.Ok : ExitCodes.NotFound;
        });
        return verb;
    }

    /// <summary>The words as one question. The shell has taken the quotes from `"a phrase"`; several words in one argument among others are a phrase again.</summary>
    private static string Join(string[] words) => words is [{ } only]
        ? only
        : string.Join(' ', words.Select(static word => word.Contains(' ', StringComparison.Ordinal) && !word.Contains('"', StringComparison.Ordinal) ? $"\"{word}\"" : word));

    private static void Print(JsonObject answer, string mountPoint)
    {
        foreach (JsonNode? hit in answer["hits"]!.AsArray())
        {
            string place = $"{mountPoint}/{hit!["path"]}:{hit["lines"]}";
            string heading = hit["heading"]!.GetValue<string>();
            if (Console.IsOutputRedirected)
            {
                Out.Line($"{hit["score"]!.GetValue<double>():0.000}  {place}{(heading.Length == 0 ? "" : $"  ({heading})")}");
                Out.Line($"       {hit["snippet"]}");
                continue;
            }

            AnsiConsole.MarkupLine($"[green]{hit["score"]!.GetValue<double>():0.000}[/]  [bold]{Markup.Escape(place)}[/]{(heading.Length == 0 ? "" : $"  [grey]{Markup.Escape(heading)}[/]")}");
            AnsiConsole.MarkupLine($"       {Marked(hit)}");
        }

        foreach (JsonNode? note in answer["notes"]!.AsArray())
        {
            Out.Warn(note!.GetValue<string>());
        }
    }

    /// <summary>The snippet with the words of the question in colour.</summary>
    private static string Marked(JsonNode hit)
    {
        string snippet = hit["snippet"]!.GetValue<string>();
        System.Text.StringBuilder marked = new();
        int at = 0;
        foreach (JsonNode? span in hit["marks"]!.AsArray())
        {
            int start = span![0]!.GetValue<int>(), end = span[1]!.GetValue<int>();
            marked.Append(Markup.Escape(snippet[at..start])).Append("[yellow]").Append(Markup.Escape(snippet[start..end])).Append("[/]");
            at = end;
        }

        return marked.Append(Markup.Escape(snippet[at..])).ToString();
    }
}
