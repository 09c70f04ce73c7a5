using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>
/// `sys/ctl`: what the owner, in practice the CLI, asks fs. One JSON object a line with "command" and the command's own members; back come any
/// number of lines {"progress":"..."} and then one line without "progress": the answer, or {"error":"...","code":N} with claw's exit code.
/// Commands run off the dispatcher's threads, several at once; closing the descriptor asks a running one to stop.
/// </summary>
public sealed class ControlService : ChannelService
{
    /// <summary>The name in sys/.</summary>
    public const string FileName = "ctl";

    /// <summary>claw's exit code for anything that has no code of its own.</summary>
    private const int Failed = 1, Usage = 2;

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ConcurrentDictionary<string, (string Help, ControlCommand Run)> table = new(StringComparer.Ordinal);

    /// <summary>Starts with "help", which lists the commands.</summary>
    public ControlService() => Add("help", "List the commands.", (_, _) => Task.FromResult(Help()));

    /// <summary>fs serves it itself.</summary>
    public override bool IsUp => true;

    /// <summary>Adds a command, or replaces one.</summary>
    public ControlService Add(string name, string help, ControlCommand command)
    {
        table[name] = (help, command);
        return this;
    }

    /// <inheritdoc/>
    public override Errno Submit(ChannelExchange exchange)
    {
        CancellationTokenSource abandoned = new();
        exchange.OnAbandoned(abandoned.Cancel);
        _ = Task.Run(() => AnswerAsync(exchange, abandoned), CancellationToken.None);
        return Errno.Ok;
    }

    private async Task AnswerAsync(ChannelExchange exchange, CancellationTokenSource abandoned)
    {
        JsonObject answer;
        try
        {
            answer = await RunAsync(exchange, abandoned.Token).ConfigureAwait(false);
        }
        catch (ControlException refusal)
        {
            answer = Refusal(refusal.Message, refusal.Code);
        }
        catch (OperationCanceledException)
        {
            answer = Refusal("stopped", Failed);
        }
        catch (Exception fault)
        {
            // Whatever a command runs into, the caller gets a line: an exchange that never ends would hang it.
            answer = Refusal(fault.Message, Failed);
        }
        Send(exchange, answer);
        exchange.Complete();
    }

    private Task<JsonObject> RunAsync(ChannelExchange exchange, CancellationToken abandoned)
    {
        JsonObject request = Parse(exchange.Bytes.Span);
        string name = request["command"] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
        if (!table.TryGetValue(name, out (string Help, ControlCommand Run) command))
        {
            throw new ControlException(Usage, $"unknown command '{name}'; {{\"command\":\"help\"}} lists them");
        }
        ControlCall call = new(exchange.Uid, exchange.Pid, step => Send(exchange, new JsonObject { ["progress"] = step }), abandoned);
        return command.Run(request, call);
    }

    private static JsonObject Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject ?? throw new ControlException(Usage, "a request is one JSON object on one line");
        }
        catch (JsonException wrong)
        {
            throw new ControlException(Usage, $"a request is one JSON object on one line: {wrong.Message}");
        }
    }

    private JsonObject Help()
    {
        JsonObject commands = [];
        foreach ((string name, (string help, _)) in table.OrderBy(static command => command.Key, StringComparer.Ordinal))
        {
            commands[name] = help;
        }
        return new JsonObject { ["commands"] = commands };
    }

    private static JsonObject Refusal(string reason, int code) => new() { ["error"] = reason, ["code"] = code };

    private static void Send(ChannelExchange exchange, JsonObject line) =>
        exchange.Append(System.Text.Encoding.UTF8.GetBytes(line.ToJsonString(OneLine) + "\n"));
}
