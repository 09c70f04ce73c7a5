using System.CommandLine;
using System.Text.Json.Nodes;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw lock: fs forgets the key; everything stored answers ENOKEY until unlock.</summary>
internal static class LockVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "lock",
            "Have fs forget the key: stored files answer \"Required key not available\" until claw unlock.",
            "claw lock");
        Argument<string?> directory = new("DIR") { Description = "the mount point; the only mount if not given", Arity = ArgumentArity.ZeroOrOne };
        verb.Add(directory);
        verb.SetAction(async (parsed, _) =>
        {
            KnownMount mount = KnownMount.Choose(parsed.GetValue(directory));
            await new FsControl(mount).AskAsync(new JsonObject { ["command"] = "lock" });
            Out.Line($"{mount.MountPoint} is locked");
            return ExitCodes.Ok;
        });
        return verb;
    }
}
