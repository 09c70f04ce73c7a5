using System.Text.Json.Nodes;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;

namespace ClawOS.Cli.Stores;

/// <summary>Changes to key slots: a mounted store's fs makes them itself, else they are made here under the store's lock.</summary>
internal static class KeyChange
{
    /// <summary>Adds a slot.</summary>
    /// <returns>Its number.</returns>
    internal static async Task<int> AddAsync(string store, SecretSource secret, SecretSource added, string label)
    {
        if (await KnownMount.OfStoreAsync(store) is { } mount)
        {
            JsonObject request = ControlRequests.WithSecret("key-add", secret);
            request["newKind"] = added.Kind;
            request["newSecret"] = added.ReadText();
            request["label"] = label;
            return (await new FsControl(mount).AskAsync(request))["slot"]!.GetValue<int>();
        }

        using Credential credential = added.ToCredential();
        return Change(store, secret, (slots, master) => slots.Add(master, credential, label));
    }

    /// <summary>Removes a slot.</summary>
    internal static async Task RemoveAsync(string store, SecretSource secret, int slot)
    {
        if (await KnownMount.OfStoreAsync(store) is { } mount)
        {
            JsonObject request = ControlRequests.WithSecret("key-remove", secret);
            request["slot"] = slot;
            _ = await new FsControl(mount).AskAsync(request);
            return;
        }

        _ = Change(store, secret, (slots, master) =>
        {
            slots.Remove(master, slot);
            return slot;
        });
    }

    private static int Change(string store, SecretSource secret, Func<KeySlots, SecretKey, int> change)
    {
        using Folder folder = Folder.Open(store);
        if (!folder.TryLock("lock", out string holder))
        {
            throw new CliException(ExitCodes.InUse, $"{store}: is in use by {holder}");
        }

        KeySlots slots = KeySlots.Load(folder);
        using Credential credential = secret.ToCredential();
        using SecretKey master = slots.Unlock(credential);
        int result = change(slots, master);
        if (ProcessIdentity.Uid == 0)
        {
            folder.Chown(ServiceUsers.Fs, ServiceUsers.Fs); // The rewritten file belongs to fs again.
        }

        return result;
    }
}
