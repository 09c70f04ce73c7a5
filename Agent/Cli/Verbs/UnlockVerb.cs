using System.CommandLine;
using System.Text.Json.Nodes;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw unlock: gives a locked fs its key again.</summary>
internal static class UnlockVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "unlock",
            "Give a locked mount its key again.",
            "claw unlock",
            "claw unlock /tmp/claw --passphrase");
        Argument<string?> directory = new("DIR") { Description = "the mount point; the only mount if not given", Arity = ArgumentArity.ZeroOrOne };
        verb.Add(directory);
        CredentialOptions credentials = new(verb);
        verb.SetAction(async (parsed, _) =>
        {
            KnownMount mount = KnownMount.Choose(parsed.GetValue(directory));
            StatusReport status = await StatusVerb.LookAsync(mount)
                ?? throw new CliException(ExitCodes.NotFound, $"{mount.MountPoint}: is not mounted");
            SecretSource secret = credentials.Resolve(parsed, status.Store);
            await new FsControl(mount).AskAsync(ControlRequests.WithSecret("unlock", secret));
            Out.Line($"{mount.MountPoint} is unlocked");
            return ExitCodes.Ok;
        });
        return verb;
    }
}
