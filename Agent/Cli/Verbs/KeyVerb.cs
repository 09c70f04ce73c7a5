using System.CommandLine;
using System.Text.Json.Nodes;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw key add|list|remove: the key slots of a store; each opens the same master key, so no data is rewritten.</summary>
internal static class KeyVerb
{
    private const string NewPrefix = "--new-";

    internal static Command Build()
    {
        Verb verb = new("key", "List, add and remove what opens a store.", "claw key list", "claw key add --new-passphrase", "claw key remove 2");
        verb.Add(BuildList());
        verb.Add(BuildAdd());
        verb.Add(BuildRemove());
        return verb;
    }

    private static Verb BuildList()
    {
        Verb verb = new("list", "Show the key slots; needs no key.", "claw key list --store /tmp/store", "claw key list --json");
        Option<string?> store = StoreOption(verb);
        Option<bool> json = new("--json") { Description = "print JSON: [{\"id\",\"kind\",\"label\",\"created\"}]" };
        verb.Add(json);
        verb.SetAction(parsed =>
        {
            string path = StorePath(parsed, store);
            OfflineStore.Require(path);
            using Folder folder = Folder.Open(path);
            IReadOnlyList<SlotInfo> slots = KeySlots.Load(folder).Slots;
            if (parsed.GetValue(json))
            {
                CliJson.Write(new JsonArray([.. slots.Select(ToJson)]));
            }
            else
            {
                Out.Table(["slot", "kind", "label", "created"], slots.Select(slot => (string[])[$"{slot.Id}", Name(slot.Kind), slot.Label, $"{slot.Created:yyyy-MM-dd HH:mm} UTC"]));
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Verb BuildAdd()
    {
        Verb verb = new(
            "add",
            "Add a key slot: another key file, a passphrase or a recovery code.",
            "claw key add --new-passphrase",
            "claw key add --new-key-file /media/usb/claw.key --label usb",
            "claw key add --new-recovery");
        Option<string?> store = StoreOption(verb);
        Option<string?> file = new(NewPrefix + "key-file") { Description = "a key file; made if missing", HelpName = "FILE" };
        Option<bool> passphrase = new(NewPrefix + "passphrase") { Description = "a passphrase, asked twice" };
        Option<string?> passphraseFile = new(NewPrefix + "passphrase-file") { Description = "a passphrase from a file's first line", HelpName = "FILE" };
        Option<bool> recovery = new(NewPrefix + "recovery") { Description = "a recovery code, printed once" };
        Option<string> label = new("--label") { Description = "a name for the list", DefaultValueFactory = _ => "" };
        verb.Add(file);
        verb.Add(passphrase);
        verb.Add(passphraseFile);
        verb.Add(recovery);
        verb.Add(label);
        CredentialOptions credentials = new(verb);
        verb.SetAction(async (parsed, _) =>
        {
            string path = StorePath(parsed, store);
            OfflineStore.Require(path);
            SecretSource added = NewSlotSecret.Make(parsed.GetValue(file), parsed.GetValue(passphrase), parsed.GetValue(passphraseFile), parsed.GetValue(recovery));
            SecretSource secret = credentials.Resolve(parsed, path);
            int slot = await KeyChange.AddAsync(path, secret, added, parsed.GetValue(label)!);
            Out.Line($"Added key slot {slot}");
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Verb BuildRemove()
    {
        Verb verb = new("remove", "Remove a key slot; the last one stays.", "claw key remove 2");
        Option<string?> store = StoreOption(verb);
        Argument<int> slot = new("SLOT") { Description = "its number in claw key list" };
        verb.Add(slot);
        CredentialOptions credentials = new(verb);
        verb.SetAction(async (parsed, _) =>
        {
            string path = StorePath(parsed, store);
            OfflineStore.Require(path);
            await KeyChange.RemoveAsync(path, credentials.Resolve(parsed, path), parsed.GetValue(slot));
            Out.Line($"Removed key slot {parsed.GetValue(slot)}. A copy of the store made before still opens with it.");
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Option<string?> StoreOption(Verb verb)
    {
        Option<string?> store = new("--store") { Description = "the store folder (default: in the state folder)", HelpName = "FOLDER" };
        verb.Add(store);
        return store;
    }

    private static string StorePath(ParseResult parsed, Option<string?> store) => RealPath.Of(parsed.GetValue(store) ?? StateFolder.DefaultStore);

    private static JsonNode ToJson(SlotInfo slot) => new JsonObject
    {
        ["id"] = slot.Id,
        ["kind"] = Name(slot.Kind),
        ["label"] = slot.Label,
        ["created"] = slot.Created.ToString("O"),
    };

    private static string Name(SlotKind kind) => kind switch
    {
        SlotKind.KeyFile => "key file",
        SlotKind.Passphrase => "passphrase",
        _ => "recovery code",
    };
}
