using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Supervisor;

namespace ClawOS.Cli.Stores;

/// <summary>A store that was just made.</summary>
/// <param name="Secret">What opens it.</param>
/// <param name="RecoveryCode">The code to print once; it is kept nowhere.</param>
internal sealed record NewStore(SecretSource Secret, string RecoveryCode);

/// <summary>Makes stores: folder, key slots, key file, empty content.</summary>
internal static class StoreCreator
{
    private const string KeySlotFile = "claw.keys";

    /// <summary>Where a store is made before its files move into place.</summary>
    private const string Unfinished = ".making";

    /// <summary>Whether a folder holds a store.</summary>
    internal static bool Exists(string store) => File.Exists(Path.Combine(store, KeySlotFile));

    /// <summary>Makes a store.</summary>
    /// <param name="store">The folder: missing or empty.</param>
    /// <param name="secret">What shall open it; null makes a key file in the state folder.</param>
    /// <param name="quota">Most bytes it may hold; 0 is no limit.</param>
    /// <exception cref="CliException">The folder has something else in it.</exception>
    internal static NewStore Create(string store, SecretSource? secret, ulong quota)
    {
        string making = Path.Combine(store, Unfinished);
        if (Directory.Exists(making) && !Exists(store))
        {
            // A creation that was cut short. Its recovery code was never shown and nothing was ever written to it.
            Directory.Delete(store, recursive: true);
        }

        if (Directory.Exists(store) && Directory.EnumerateFileSystemEntries(store).Any())
        {
            throw new CliException(ExitCodes.Failed, $"{store}: is not empty and holds no store; name another folder with --store");
        }

        Guid id = Guid.NewGuid();
        secret = MakeKeyFile(secret, id);
        using Folder folder = Folder.OpenOrCreate(store);
        string code = RecoveryCode.Generate();
        using (Folder unfinished = Folder.OpenOrCreate(making))
        using (Credential first = secret.ToCredential())
        using (Credential recovery = RecoveryCode.Parse(code))
        {
            KeySlots slots = KeySlots.Create(unfinished, id, first, secret.Kind, out SecretKey master);
            using (master)
            {
                slots.Add(master, recovery, "printed at creation");
                using Anchor? anchor = StoreAnchor.Open(id, readOnly: false);
                ClawStore.Create(making, master, id, quota, anchor);
            }
        }

        // The key slots make it a store, so they come last.
        foreach (string entry in Directory.GetFileSystemEntries(making).OrderBy(static path => Path.GetFileName(path) == KeySlotFile))
        {
            Directory.Move(entry, Path.Combine(store, Path.GetFileName(entry)));
        }

        Directory.Delete(making);
        folder.Sync();
        if (ProcessIdentity.Uid == 0)
        {
            folder.Chown(ServiceUsers.Fs, ServiceUsers.Fs);
        }

        return new NewStore(secret, code);
    }

    /// <summary>The default key file, or one that the user named and that does not exist yet.</summary>
    private static SecretSource MakeKeyFile(SecretSource? secret, Guid id)
    {
        if (secret is null)
        {
            secret = SecretSource.FromKeyFile(StateFolder.KeyFile(id));
            StateFolder.CreateRoot();
            StateFolder.CreatePrivate(Path.GetDirectoryName(secret.KeyFilePath)!);
        }

        if (secret.KeyFilePath is { } path && !File.Exists(path))
        {
            KeyFile.Write(path);
        }

        return secret;
    }
}
