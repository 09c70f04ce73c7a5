using System.CommandLine;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw init: makes a store without mounting it.</summary>
internal static class InitVerb
{
    private const ulong SmallestQuota = 1 << 20;

    internal static Command Build()
    {
        Verb verb = new(
            "init",
            "Make an empty store.",
            "claw init /tmp/store",
            "claw init /tmp/store --passphrase --quota 20G");
        Argument<string?> folder = new("STORE") { Description = "the store folder (default: in the state folder)", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> quota = new("--quota") { Description = "most bytes it may hold, like 500M or 20G", HelpName = "SIZE" };
        verb.Add(folder);
        verb.Add(quota);
        CredentialOptions credentials = new(verb);
        verb.SetAction(parsed =>
        {
            string store = RealPath.Of(parsed.GetValue(folder) ?? StateFolder.DefaultStore);
            if (StoreCreator.Exists(store))
            {
                throw new CliException(ExitCodes.Failed, $"{store}: holds a store already; claw up --store {store} mounts it");
            }

            NewStore made = StoreCreator.Create(store, credentials.ResolveNew(parsed), ParseQuota(parsed.GetValue(quota)));
            MountStart.Tell(made, store);
            return ExitCodes.Ok;
        });
        return verb;
    }

    /// <summary>The quota in bytes; 0 without one.</summary>
    /// <exception cref="CliException">It is no size, or too small for a store to be mounted.</exception>
    internal static ulong ParseQuota(string? text)
    {
        ulong quota = text is null
            ? 0
            : SizeText.Parse(text) ?? throw new CliException(ExitCodes.Usage, $"--quota {text}: not a size; write it like 500M or 20G");
        return quota is > 0 and < SmallestQuota ? throw new CliException(ExitCodes.Usage, $"--quota {text}: less than 1M; write it like 500M or 20G") : quota;
    }
}
