using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClawFS.Linux;
using ClawOS.Mount.Tests.Search;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Approving;

/// <summary>A program that asks the owner of a mount something, at guard's socket.</summary>
internal sealed class Question : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly SeqPacketSocket _socket;

    private Question(SeqPacketSocket socket)
    {
        _socket = socket;
        Id = Answer()!["approval"]!.GetValue<string>();
    }

    /// <summary>Its name in approvals/.</summary>
    internal string Id { get; }

    /// <summary>Asks, once guard listens.</summary>
    internal static Question Ask(ClawMount claw, string what)
    {
        SeqPacketSocket socket = Waiting.Until(() => TryConnect(claw), found => found is not null, s_limit)!;
        JsonObject message = new() { ["ask"] = new JsonObject { ["card"] = new JsonArray(new JsonObject { ["name"] = "what", ["text"] = what }) } };
        Assert.True(socket.Send(Encoding.UTF8.GetBytes(message.ToJsonString())));
        return new Question(socket);
    }

    /// <summary>What guard says next; null when it has gone.</summary>
    internal JsonNode? Answer()
    {
        byte[] buffer = new byte[MessageChannel.MaxMessage];
        Assert.True(_socket.WaitForMessage(s_limit), "guard says nothing");
        int length = _socket.Receive(buffer);
        return length == 0 ? null : JsonNode.Parse(buffer.AsSpan(0, length));
    }

    /// <summary>Waits for the end, and says that a yes was used.</summary>
    internal string? Outcome()
    {
        string? outcome = Answer()?["outcome"]?.GetValue<string>();
        if (outcome == "accepted")
            Assert.True(_socket.Send("{\"used\":true}"u8));
        return outcome;
    }

    public void Dispose() => _socket.Dispose();

    private static SeqPacketSocket? TryConnect(ClawMount claw)
    {
        try
        {
            return SeqPacketSocket.Connect(Path.Combine(claw.Mount, "run"), "launch");
        }
        catch (LinuxException)
        {
            return null; // Not bound yet, or by a guard that has just been killed.
        }
    }
}
