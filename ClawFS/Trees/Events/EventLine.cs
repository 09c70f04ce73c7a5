using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>
/// Writes one event as one line of JSON: {"time","event","path","old_path","pid","uid","comm","ino","folder","reason","query","score","outcome"}. Times are UTC. A path that is not
/// valid UTF-8 is shown with U+FFFD in it, and its bytes are given in hex as "path_hex" or "old_path_hex". What is unknown is left out.
/// Two lines are about the log itself: {"time","event":"lost","count"} and {"time","event":"restarted"}.
/// </summary>
internal sealed class EventLine(NodePath paths, CommCache comms)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Appends the line; false for what is no event to anybody outside: acts of fs itself on files that have no path.</summary>
    public bool TryWrite(in FsEvent e, IBufferWriter<byte> output)
    {
        bool hasPath = TryResolve(e.Parent, e.Name, e.Node, out byte[] path);
        if (!hasPath && e.Pid == 0 && e.Kind != FsEventKind.Damage)
        {
            return false;
        }
        using (Utf8JsonWriter json = new(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, TimeOf(e.Time));
            json.WriteString("event"u8, NameOf(e.Kind));
            if (hasPath)
            {
                WritePath(json, "path", path);
            }
            if (e.Kind == FsEventKind.Rename && TryResolve(e.OldParent, e.OldName, 0, out byte[] oldPath))
            {
                WritePath(json, "old_path", oldPath);
            }
            json.WriteNumber("pid"u8, e.Pid);
            json.WriteNumber("uid"u8, e.Uid);
            if (comms.Of(e.Pid) is string comm)
            {
                json.WriteString("comm"u8, comm);
            }
            if (e.Kind != FsEventKind.Approval)
            {
                json.WriteNumber("ino"u8, e.Node);
            }
            if (e is { Kind: FsEventKind.Damage, Name: { } reason })
            {
                json.WriteString("reason"u8, reason);
            }
            if (e is { Kind: FsEventKind.Hit, Name: { } query })
            {
                json.WriteString("query"u8, query);
                json.WriteNumber("score"u8, Math.Round(e.Score, 4));
            }
            if (e.Outcome is { } outcome)
            {
                json.WriteString("outcome"u8, outcome);
            }
            if (e.IsDirectory)
            {
                json.WriteBoolean("folder"u8, true);
            }
            json.WriteEndObject();
        }
        output.Write("\n"u8);
        return true;
    }

    /// <summary>Appends the line that stands in the place of events nobody will see.</summary>
    public static void WriteLost(long count, IBufferWriter<byte> output)
    {
        using (Utf8JsonWriter json = new(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, TimeOf(Timestamp.Now));
            json.WriteString("event"u8, "lost"u8);
            json.WriteNumber("count"u8, count);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>Appends the line that says that fs died here and another one goes on: what it had not stored yet is missing.</summary>
    public static void WriteRestarted(IBufferWriter<byte> output)
    {
        using (Utf8JsonWriter json = new(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, TimeOf(Timestamp.Now));
            json.WriteString("event"u8, "restarted"u8);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    private static string NameOf(FsEventKind kind) => kind switch
    {
        FsEventKind.Create => "create",
        FsEventKind.WriteClosed => "write-closed",
        FsEventKind.Rename => "rename",
        FsEventKind.Remove => "remove",
        FsEventKind.Attributes => "attributes",
        FsEventKind.Damage => "damage",
        FsEventKind.Hit => "hit",
        FsEventKind.Approval => "approval",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "an event without a name"),
    };

    private static string TimeOf(Timestamp time) =>
        DateTime.UnixEpoch.AddSeconds(time.Seconds).AddTicks(time.Nanoseconds / 100).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture);

    private bool TryResolve(ulong parent, byte[]? name, ulong node, out byte[] path)
    {
        if (name is null || parent == 0)
        {
            path = [];
            return node != 0 && TryFind(node, out path);
        }
        if (!TryFind(parent, out path))
        {
            return false;
        }
        path = path.Length == 0 ? name : [.. path, (byte)'/', .. name];
        return true;
    }

    private bool TryFind(ulong node, out byte[] path)
    {
        try
        {
            return paths(node, out path);
        }
        catch (StoreException)
        {
            // Locked or damaged since the event was published: a line without a path is better than none.
            path = [];
            return false;
        }
    }

    private static void WritePath(Utf8JsonWriter json, string key, byte[] path)
    {
        if (Utf8.IsValid(path))
        {
            json.WriteString(key, path);
            return;
        }
        json.WriteString(key, System.Text.Encoding.UTF8.GetString(path));
        json.WriteString(key + "_hex", Convert.ToHexStringLower(path));
    }
}
