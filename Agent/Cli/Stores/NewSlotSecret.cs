using ClawFS.Crypto;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Stores;

/// <summary>The secret of a new key slot, from the options of `key add`.</summary>
internal static class NewSlotSecret
{
    /// <summary>Makes or asks for exactly one secret.</summary>
    /// <exception cref="CliException">None or several were named.</exception>
    internal static SecretSource Make(string? keyFile, bool passphrase, string? passphraseFile, bool recovery)
    {
        int chosen = (keyFile is null ? 0 : 1) + (passphrase ? 1 : 0) + (passphraseFile is null ? 0 : 1) + (recovery ? 1 : 0);
        if (chosen != 1)
        {
            throw new CliException(ExitCodes.Usage, "key add: name one of --new-key-file, --new-passphrase, --new-passphrase-file, --new-recovery");
        }

        if (keyFile is not null)
        {
            if (!File.Exists(keyFile))
            {
                KeyFile.Write(keyFile);
                Out.Line($"Made key file {Path.GetFullPath(keyFile)}");
            }

            return SecretSource.FromKeyFile(keyFile);
        }

        if (recovery)
        {
            string code = RecoveryCode.Generate();
            Out.Line($"Recovery code, shown this once: {code}");
            return SecretSource.FromText(SecretSource.Recovery, code);
        }

        if (passphraseFile is not null)
        {
            string? line = File.ReadLines(passphraseFile).FirstOrDefault();
            return string.IsNullOrEmpty(line)
                ? throw new CliException(ExitCodes.Usage, $"{passphraseFile}: has no passphrase in its first line")
                : SecretSource.FromText(SecretSource.Passphrase, line);
        }

        string first = Prompt.Secret("New passphrase", "--new-passphrase-file");
        return Prompt.Secret("Again", "--new-passphrase-file") == first
            ? SecretSource.FromText(SecretSource.Passphrase, first)
            : throw new CliException(ExitCodes.Usage, "the two passphrases differ; try again");
    }
}
