using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw backup: a consistent copy of a store, mounted or not, as ciphertext; what an earlier backup holds is not copied again.</summary>
internal static class BackupVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "backup",
            "Copy a store to a folder, as ciphertext with its key slots, while it is used. Run again, it copies only what is new.",
            "claw backup /backup/claw",
            "claw backup /backup/claw --store /tmp/store");
        Argument<string> target = new("TARGET") { Description = "the backup folder: missing, empty, or an earlier backup of this store" };
        Option<string?> folder = new("--store") { Description = "the store folder or a mount point (default: the store in the state folder)", HelpName = "FOLDER" };
        Option<bool> unverified = new("--no-verify") { Description = "do not open the copy and check every block of it" };
        verb.Add(target);
        verb.Add(folder);
        verb.Add(unverified);
        CredentialOptions credentials = new(verb);
        verb.SetAction(async (parsed, _) =>
        {
            string path = RealPath.Of(parsed.GetValue(folder) ?? StateFolder.DefaultStore);
            string copy = Path.GetFullPath(parsed.GetValue(target)!);
            (string store, KnownMount? mount) = await StoreOfAsync(path);
            OfflineStore.Require(store);
            SecretSource? secret = mount is null || !parsed.GetValue(unverified) ? credentials.Resolve(parsed, store) : null;
            StoreCopyResult result = await Out.WithProgressAsync("copying", progress => CopyAsync(store, mount, secret, copy, progress));
            Out.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"{copy}: {result.CopiedBytes / 1048576.0:F1} MiB copied, {result.CopiedSegments} segments new, {result.ReusedSegments} kept from before"));
            return parsed.GetValue(unverified) ? ExitCodes.Ok : await VerifyAsync(copy, secret!);
        });
        return verb;
    }

    /// <summary>Opens a copy read-only and checks all of it.</summary>
    internal static async Task<int> VerifyAsync(string copy, SecretSource secret)
    {
        CheckOutcome outcome = await Out.WithProgressAsync("verifying", progress => Task.Run(() =>
        {
            using OfflineStore opened = OfflineStore.OpenCopy(copy, secret);
            return StoreCheck.Run(opened.Store, repair: false, progress, CancellationToken.None);
        }));
        foreach (string problem in outcome.Problems)
        {
            Out.Line(problem);
        }

        Out.Line($"verified: {outcome.Summary}");
        return outcome.Clean ? ExitCodes.Ok : ExitCodes.Damaged;
    }

    private static async Task<(string Store, KnownMount? Mount)> StoreOfAsync(string path)
    {
        KnownMount at = KnownMount.At(path);
        if (at.IsMounted)
        {
            StatusReport status = await at.AskStatusAsync() ?? throw new CliException(ExitCodes.Failed, $"{path}: its supervisor does not answer; claw status tells more");
            return (status.Store, at);
        }

        return (path, await KnownMount.OfStoreAsync(path));
    }

    private static async Task<StoreCopyResult> CopyAsync(string store, KnownMount? mount, SecretSource? secret, string target, Action<string> progress)
    {
        using Folder folder = Folder.Open(store);
        Guid id = KeySlots.Load(folder).StoreId;
        StoreCopyResult result = default;
        if (mount is null)
        {
            // Opening brings the journal over; the copy needs none then.
            using OfflineStore opened = OfflineStore.Open(store, secret!, readOnly: false);
            await Task.Run(() => opened.Store.HoldForBackup(sealedSegments => result = StoreCopy.Run(store, id, target, sealedSegments, progress)));
            return result;
        }

        JsonObject request = new() { ["command"] = "backup" };
        await new FsControl(mount).HoldAsync(request, held => result = StoreCopy.Run(
            store,
            id,
            target,
            [.. held["sealed"]!.AsArray().Select(static segment => ulong.Parse(segment!.GetValue<string>(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))],
            progress));
        return result;
    }
}
