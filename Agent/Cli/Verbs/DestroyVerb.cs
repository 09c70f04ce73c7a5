using System.CommandLine;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw destroy: shreds the key slots; what is left of the store is noise.</summary>
internal static class DestroyVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "destroy",
            "Make a store unreadable for ever by shredding its key slots. Copies of claw.keys elsewhere still open copies of the store.",
            "claw destroy /tmp/store --yes");
        Argument<string> folder = new("STORE") { Description = "the store folder" };
        Option<bool> yes = new("--yes") { Description = "do not ask" };
        verb.Add(folder);
        verb.Add(yes);
        verb.SetAction(async (parsed, _) =>
        {
            string store = RealPath.Of(parsed.GetValue(folder)!);
            OfflineStore.Require(store);
            if (await KnownMount.OfStoreAsync(store) is { } mount)
            {
                throw new CliException(ExitCodes.InUse, $"{store}: is mounted at {mount.MountPoint}; claw down {mount.MountPoint} first");
            }

            if (!parsed.GetValue(yes) && !Prompt.Confirm($"Everything in {store} will be gone for ever.", "destroy"))
            {
                throw new CliException(ExitCodes.Interrupted, "nothing was destroyed");
            }

            using Folder opened = Folder.Open(store);
            if (!opened.TryLock("lock", out string holder))
            {
                throw new CliException(ExitCodes.InUse, $"{store}: is in use by {holder}");
            }

            KeySlots.Shred(opened);
            Out.Line($"The key slots of {store} are shredded; the folder can be removed");
            return ExitCodes.Ok;
        });
        return verb;
    }
}
