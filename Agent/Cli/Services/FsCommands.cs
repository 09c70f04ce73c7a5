using System.Text.Json.Nodes;
using ClawFS.Crypto;
using ClawFS.Store;
using ClawFS.Trees;
using ClawFS.Vfs;
using ClawOS.Cli.Stores;

namespace ClawOS.Cli.Services;

/// <summary>What sys/ctl understands beside "help": docs/ipc.md is the table.</summary>
internal sealed class FsCommands(MountedStore mounted, MountTable table, FsFacts facts, SearchHost search, Action lockedChanged)
{
    /// <summary>Adds the commands to the service behind sys/ctl.</summary>
    internal void Register(ControlService control) => control
        .Add("commit", "Make everything durable and bring it into the rows.", Run((_, _) => Open().Commit()))
        .Add("lock", "Forget the key: stored files answer ENOKEY.", Run((_, _) =>
        {
            mounted.Lock(table);
            lockedChanged();
        }))
        .Add("unlock", "Open the store again: kind, secret.", Run((request, _) =>
        {
            using Credential credential = CredentialOf(request, "kind", "secret");
            mounted.Unlock(table, credential);
            lockedChanged();
        }))
        .Add("key-add", "Add a key slot: kind, secret, newKind, newSecret, label.", Answering(AddKey))
        .Add("key-remove", "Remove a key slot: kind, secret, slot.", Answering(RemoveKey))
        .Add("accept-rollback", "Go on with a store that is older than its anchor, or restored.", Run((_, _) =>
        {
            Open().AcceptRollback();
            RestoredMark.Accept(mounted.Folder);
            facts.FaultsChanged();
        }))
        .Add("backup", "Commit, tell the segments that never change again, and keep what that commit names until the descriptor is closed.", Run(HoldForBackup))
        .Add("scrub", "Do a whole background check now.", Answering((_, call) =>
        {
            ScrubStatus done = Open().ScrubNow(call.Abandoned);
            return new JsonObject { ["rows"] = done.Rows, ["blocks"] = done.Blocks, ["problems"] = done.Problems };
        }))
        .Add("search", "Search the memory: query, options.", (request, _) => search.AnswerAsync(request))
        .Add("fsck", "Check the store from its last commit: repair.", Answering(Check));

    private JsonObject AddKey(JsonObject request, ControlCall call)
    {
        KeySlots slots = KeySlots.Load(mounted.Folder);
        using Credential credential = CredentialOf(request, "kind", "secret");
        using Credential added = CredentialOf(request, "newKind", "newSecret");
        using SecretKey master = slots.Unlock(credential);
        return new JsonObject { ["slot"] = slots.Add(master, added, Text(request, "label")) };
    }

    private JsonObject RemoveKey(JsonObject request, ControlCall call)
    {
        KeySlots slots = KeySlots.Load(mounted.Folder);
        using Credential credential = CredentialOf(request, "kind", "secret");
        using SecretKey master = slots.Unlock(credential);
        slots.Remove(master, request["slot"]?.GetValue<int>() ?? throw new ControlException(ExitCodes.Usage, "\"slot\" is missing"));
        return [];
    }

    private void HoldForBackup(JsonObject request, ControlCall call) => Open().HoldForBackup(sealedSegments =>
    {
        JsonArray names = [.. sealedSegments.Select(static id => (JsonNode)id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture))];
        call.Progress(new JsonObject { ["sealed"] = names }.ToJsonString());
        call.Abandoned.WaitHandle.WaitOne();
    });

    private JsonObject Check(JsonObject request, ControlCall call)
    {
        bool repair = request["repair"]?.GetValue<bool>() ?? false;
        return StoreCheck.Run(Open(), repair, call.Progress, call.Abandoned, node => table.Kernel.InvalidateInode(node, 0, 0)).ToJson();
    }

    private ClawStore Open() => mounted.Current ?? throw new ControlException(ExitCodes.WrongKey, "the store is locked; claw unlock opens it");

    private static Credential CredentialOf(JsonObject request, string kind, string secret) =>
        SecretSource.Parse(Text(request, kind), Text(request, secret));

    private static string Text(JsonObject request, string name) =>
        request[name]?.GetValue<string>() ?? throw new ControlException(ExitCodes.Usage, $"\"{name}\" is missing");

    private static ControlCommand Run(Action<JsonObject, ControlCall> action) => Answering((request, call) =>
    {
        action(request, call);
        return [];
    });

    /// <summary>Errors of the store and of keys become refusals with claw's exit codes.</summary>
    private static ControlCommand Answering(Func<JsonObject, ControlCall, JsonObject> action) => (request, call) =>
    {
        try
        {
            return Task.FromResult(action(request, call));
        }
        catch (Exception error) when (error is not ControlException and not OperationCanceledException && Errors.Explain(error) is { } explained)
        {
            throw new ControlException(explained.Code, explained.Line);
        }
    };
}
