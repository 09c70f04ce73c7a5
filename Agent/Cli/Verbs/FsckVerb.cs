using System.CommandLine;
using System.Text.Json.Nodes;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw fsck: authenticates every row and block and checks the tree; a mounted store is checked by its own fs.</summary>
internal static class FsckVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "fsck",
            "Check a store: every row and block, the tree, link counts, space. Exit code 0 when clean, 6 when damaged.",
            "claw fsck",
            "claw fsck /tmp/store --repair",
            "claw fsck /tmp/store --accept-rollback");
        Argument<string?> folder = new("STORE") { Description = "the store folder or a mount point (default: the store in the state folder)", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> repair = new("--repair") { Description = "mend what can be mended; what lost its name goes to lost+found" };
        Option<bool> accept = new("--accept-rollback") { Description = "the store is older than its anchor because you restored it: go on from here" };
        Option<bool> json = new("--json") { Description = "print JSON: {\"clean\",\"repaired\",\"problems\":[...]}" };
        verb.Add(folder);
        verb.Add(repair);
        verb.Add(accept);
        verb.Add(json);
        CredentialOptions credentials = new(verb);
        verb.SetAction(async (parsed, _) =>
        {
            string path = RealPath.Of(parsed.GetValue(folder) ?? StateFolder.DefaultStore);
            CheckOutcome outcome = await CheckAsync(path, parsed.GetValue(repair), parsed.GetValue(accept), store => credentials.Resolve(parsed, store));
            if (parsed.GetValue(json))
            {
                CliJson.Write(outcome.ToJson());
            }
            else
            {
                foreach (string problem in outcome.Problems)
                {
                    Out.Line(problem);
                }

                Out.Line(outcome.Summary);
            }

            return outcome.Clean ? ExitCodes.Ok : ExitCodes.Damaged;
        });
        return verb;
    }

    private static async Task<CheckOutcome> CheckAsync(string path, bool repair, bool accept, Func<string, SecretSource> secret)
    {
        KnownMount at = KnownMount.At(path);
        KnownMount? mount = at.IsMounted ? at : await KnownMount.OfStoreAsync(path);
        if (mount is not null)
        {
            if (accept)
            {
                await new FsControl(mount).AskAsync(new JsonObject { ["command"] = "accept-rollback" });
            }

            JsonObject answer = await Out.WithProgressAsync("checking", progress =>
                new FsControl(mount).AskAsync(new JsonObject { ["command"] = "fsck", ["repair"] = repair }, progress));
            return CheckOutcome.FromJson(answer);
        }

        OfflineStore.Require(path);
        SecretSource chosen = secret(path);
        return await Out.WithProgressAsync("checking", progress => Task.Run(() => OfflineCheck.Run(path, chosen, repair, accept, progress)));
    }
}
