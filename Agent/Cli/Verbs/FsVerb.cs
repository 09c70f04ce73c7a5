using System.CommandLine;
using System.Text.Json.Nodes;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw fs ls|cat|get|put: the files of a closed store, without a mount (containers, CI, rescue).</summary>
internal static class FsVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "fs",
            "Read and write a store that is not mounted.",
            "claw fs ls /tmp/store memory",
            "claw fs cat /tmp/store memory/hello.md");
        verb.Add(BuildList());
        verb.Add(BuildCat());
        verb.Add(BuildGet());
        verb.Add(BuildPut());
        return verb;
    }

    private static Verb BuildList()
    {
        Verb verb = new("ls", "List a folder of the store.", "claw fs ls /tmp/store memory", "claw fs ls /tmp/store --json");
        Argument<string> store = StoreArgument(verb);
        Argument<string> path = new("PATH") { Description = "as below the mount point", DefaultValueFactory = _ => "" };
        Option<bool> json = new("--json") { Description = "print JSON: [{\"name\",\"type\",\"size\",\"mode\",\"uid\",\"gid\",\"mtime\"}]" };
        verb.Add(path);
        verb.Add(json);
        CredentialOptions credentials = new(verb);
        verb.SetAction(parsed => With(parsed, store, credentials, readOnly: true, opened =>
        {
            StoreBrowser browser = BrowserOf(opened);
            StoreEntry wanted = browser.Resolve(parsed.GetValue(path)!);
            IReadOnlyList<StoreEntry> entries = wanted.IsFolder ? browser.List(wanted.Path, damage => Out.Warn(damage.Message)) : [wanted];
            if (parsed.GetValue(json))
            {
                CliJson.Write(new JsonArray([.. entries.Select(StoreListing.ToJson)]));
            }
            else
            {
                foreach (StoreEntry entry in entries)
                {
                    Out.Line(StoreListing.ToLine(entry));
                }
            }

            return ExitCodes.Ok;
        }));
        return verb;
    }

    private static Verb BuildCat()
    {
        Verb verb = new("cat", "Print a file of the store.", "claw fs cat /tmp/store memory/hello.md");
        Argument<string> store = StoreArgument(verb);
        Argument<string> path = new("PATH") { Description = "a file, as below the mount point" };
        verb.Add(path);
        CredentialOptions credentials = new(verb);
        verb.SetAction(parsed => With(parsed, store, credentials, readOnly: true, opened =>
        {
            using Stream output = Console.OpenStandardOutput();
            BrowserOf(opened).Read(parsed.GetValue(path)!, output);
            return ExitCodes.Ok;
        }));
        return verb;
    }

    private static Verb BuildGet()
    {
        Verb verb = new("get", "Copy a file or a folder out of the store.", "claw fs get /tmp/store memory ./memory-copy");
        Argument<string> store = StoreArgument(verb);
        Argument<string> path = new("PATH") { Description = "as below the mount point" };
        Argument<string> target = new("TARGET") { Description = "a new file or folder on this machine" };
        verb.Add(path);
        verb.Add(target);
        CredentialOptions credentials = new(verb);
        verb.SetAction(parsed => With(parsed, store, credentials, readOnly: true, opened =>
            Telling(skipped => BrowserOf(opened).ReadTree(parsed.GetValue(path)!, parsed.GetValue(target)!, skipped))));
        return verb;
    }

    private static Verb BuildPut()
    {
        Verb verb = new("put", "Copy a file or a folder into the store.", "claw fs put /tmp/store notes.md memory/notes.md");
        Argument<string> store = StoreArgument(verb);
        Argument<string> source = new("SOURCE") { Description = "a file or folder on this machine" };
        Argument<string> path = new("PATH") { Description = "its new path, as below the mount point" };
        verb.Add(source);
        verb.Add(path);
        CredentialOptions credentials = new(verb);
        verb.SetAction(parsed => With(parsed, store, credentials, readOnly: false, opened =>
            Telling(skipped => StoreUpload.Run(opened, parsed.GetValue(source)!, parsed.GetValue(path)!, skipped))));
        return verb;
    }

    private static StoreBrowser BrowserOf(ClawStore store) => new(store.Tree, ProcessIdentity.Uid, ProcessIdentity.Gid);

    private static Argument<string> StoreArgument(Verb verb)
    {
        Argument<string> store = new("STORE") { Description = "the store folder" };
        verb.Add(store);
        return store;
    }

    private static int With(ParseResult parsed, Argument<string> store, CredentialOptions credentials, bool readOnly, Func<ClawStore, int> work)
    {
        int code;
        string path = RealPath.Of(parsed.GetValue(store)!);
        OfflineStore.Require(path);
        using (OfflineStore opened = OfflineStore.Open(path, credentials.Resolve(parsed, path), readOnly))
        {
            code = work(opened.Store);
        }

        if (!readOnly && ProcessIdentity.Uid == 0)
        {
            using Folder folder = Folder.Open(path);
            folder.Chown(ServiceUsers.Fs, ServiceUsers.Fs);
        }

        return code;
    }

    /// <summary>Copies, warns of what was left out, and then fails, so that no script takes a part for the whole.</summary>
    private static int Telling(Action<Action<string>> copy)
    {
        bool whole = true;
        copy(line =>
        {
            whole = false;
            Out.Warn(line);
        });
        return whole ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
