using System.CommandLine;
using System.Globalization;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw restore: makes a store from a backup, in a new folder.</summary>
internal static class RestoreVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "restore",
            "Make a store from a backup, in a new folder. It says of itself that it is restored until claw fsck --accept-rollback.",
            "claw restore /backup/claw /tmp/restored",
            "claw restore /backup/claw /tmp/restored && claw up /tmp/claw --store /tmp/restored");
        Argument<string> source = new("BACKUP") { Description = "a folder that claw backup made" };
        Argument<string> target = new("STORE") { Description = "the new store folder: missing or empty" };
        verb.Add(source);
        verb.Add(target);
        CredentialOptions credentials = new(verb);
        verb.SetAction(async (parsed, _) =>
        {
            string backup = RealPath.Of(parsed.GetValue(source)!);
            string store = Path.GetFullPath(parsed.GetValue(target)!);
            BackupManifest manifest = BackupManifest.TryRead(backup) ?? throw new CliException(ExitCodes.NotFound, $"{backup}: is no backup; claw backup makes one");
            if (Directory.Exists(store) && Directory.EnumerateFileSystemEntries(store).Any())
            {
                throw new CliException(ExitCodes.Failed, $"{store}: is not empty; name another folder");
            }

            SecretSource secret = credentials.Resolve(parsed, backup);
            await Out.WithProgressAsync("restoring", progress => Task.Run(() => StoreCopy.Run(backup, manifest.Store, store, [], progress)));
            int verified = await BackupVerb.VerifyAsync(store, secret);
            File.Delete(Path.Combine(store, BackupManifest.FileName));
            File.WriteAllText(Path.Combine(store, RestoredMark.FileName), manifest.Made.ToString("O", CultureInfo.InvariantCulture) + "\n");
            if (ProcessIdentity.Uid == 0)
            {
                using Folder folder = Folder.Open(store);
                folder.Chown(ServiceUsers.Fs, ServiceUsers.Fs);
            }

            Out.Line($"{store}: restored from the backup of {manifest.Made:yyyy-MM-dd HH:mm:ss} UTC");
            return verified;
        });
        return verb;
    }
}
