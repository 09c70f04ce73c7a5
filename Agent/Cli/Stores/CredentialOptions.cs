using System.CommandLine;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Stores;

/// <summary>The options with which a verb is told what opens the store; without any it is the default key file, or a question.</summary>
internal sealed class CredentialOptions
{
    private readonly Option<string?> keyFile = new("--key-file") { Description = "open with this key file", HelpName = "FILE" };
    private readonly Option<bool> passphrase = new("--passphrase") { Description = "ask for a passphrase" };
    private readonly Option<string?> passphraseFile = new("--passphrase-file") { Description = "read the passphrase from a file; - is standard input", HelpName = "FILE" };
    private readonly Option<bool> recovery = new("--recovery") { Description = "ask for the recovery code" };

    internal CredentialOptions(Command command)
    {
        command.Add(keyFile);
        command.Add(passphrase);
        command.Add(passphraseFile);
        command.Add(recovery);
    }

    /// <summary>What opens an existing store.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="store">The store folder.</param>
    /// <exception cref="CliException">No way to open it was given, and nobody can be asked.</exception>
    internal SecretSource Resolve(ParseResult parsed, string store)
    {
        if (Explicit(parsed, confirm: false) is { } chosen)
        {
            return chosen;
        }

        using Folder folder = Folder.Open(store);
        KeySlots slots = KeySlots.Load(folder);
        string file = StateFolder.KeyFile(slots.StoreId);
        if (File.Exists(file) || !slots.Slots.Any(slot => slot.Kind == SlotKind.Passphrase))
        {
            return SecretSource.FromKeyFile(file);
        }

        return SecretSource.FromText(SecretSource.Passphrase, Prompt.Secret($"Passphrase of {store}", "--passphrase-file"));
    }

    /// <summary>What shall open a new store or slot, where options say so; null without them.</summary>
    internal SecretSource? ResolveNew(ParseResult parsed) => Explicit(parsed, confirm: true);

    private SecretSource? Explicit(ParseResult parsed, bool confirm)
    {
        if (parsed.GetValue(keyFile) is { } path)
        {
            return SecretSource.FromKeyFile(path);
        }

        if (parsed.GetValue(passphraseFile) is { } file)
        {
            string? line = file == "-" ? Console.In.ReadLine() : File.ReadLines(file).FirstOrDefault();
            return string.IsNullOrEmpty(line)
                ? throw new CliException(ExitCodes.Usage, $"{file}: has no passphrase in its first line")
                : SecretSource.FromText(SecretSource.Passphrase, line);
        }

        if (parsed.GetValue(passphrase))
        {
            string first = Prompt.Secret(confirm ? "New passphrase" : "Passphrase", "--passphrase-file");
            return confirm && Prompt.Secret("Again", "--passphrase-file") != first
                ? throw new CliException(ExitCodes.Usage, "the two passphrases differ; try again")
                : SecretSource.FromText(SecretSource.Passphrase, first);
        }

        return parsed.GetValue(recovery)
            ? SecretSource.FromText(SecretSource.Recovery, Prompt.Secret("Recovery code", "--recovery"))
            : null;
    }
}
