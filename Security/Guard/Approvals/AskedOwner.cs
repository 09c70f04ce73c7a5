using System.Diagnostics;
using System.Text.Json;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;

namespace ClawOS.Security.Guard;

/// <summary>
/// A question to the owner about something that this process will do itself, asked through the guard of a mount. Disposing it withdraws what still waits, and so does the end
/// of this process, however it comes.
/// </summary>
public sealed class AskedOwner : IDisposable
{
    private const string Folder = "run", Name = "launch";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5), Slice = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromMilliseconds(50);

    private readonly SeqPacketSocket connection;

    private AskedOwner(SeqPacketSocket connection, LaunchReply first) =>
        (this.connection, Id, Expires) = (connection, first.Approval!, DateTimeOffset.FromUnixTimeMilliseconds(first.Expires ?? 0));

    /// <summary>The name of the approval.</summary>
    public string Id { get; }

    /// <summary>When it expires.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>Asks.</summary>
    /// <param name="mount">The mount whose owner is asked.</param>
    /// <param name="card">What is shown.</param>
    /// <param name="patience">How long a guard that has only begun, or begins anew, is waited for.</param>
    /// <param name="question">What a no stands for, where this process asks it again; null: for nothing.</param>
    /// <exception cref="IOException">There is no guard, it takes no question, or a no stands; the message says why.</exception>
    public static AskedOwner Ask(string mount, IReadOnlyList<CardField> card, TimeSpan patience = default, string? question = null)
    {
        SeqPacketSocket connection = Connect(Path.Join(mount, Folder), patience);
        try
        {
            LaunchMessage message = new() { Ask = new AskOrder { Card = card, Question = question } };
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(message, LaunchJson.Default.LaunchMessage);
            if (bytes.Length > MessageChannel.MaxMessage)
            {
                throw new IOException("what is asked is too long to be read");
            }

            return connection.Send(bytes) && connection.WaitForMessage(AnswerLimit) && Receive(connection) is { } first
                ? first.Approval is not null ? new AskedOwner(connection, first) : throw new IOException(first.Error ?? "guard answers something else")
                : throw new IOException("guard does not answer");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static SeqPacketSocket Connect(string folder, TimeSpan patience)
    {
        for (long begun = Stopwatch.GetTimestamp(); ; Thread.Sleep(Pause))
        {
            try
            {
                return SeqPacketSocket.Connect(folder, Name);
            }
            catch (LinuxException absent) when (absent.Error is Errno.ENOENT or Errno.ECONNREFUSED && Stopwatch.GetElapsedTime(begun) < patience)
            {
                // Not there yet.
            }
        }
    }

    /// <summary>Waits for the owner, the clock, or the end of guard.</summary>
    /// <param name="gone">Cancelled when nobody wants to know any more: what still waits is withdrawn.</param>
    /// <returns>Accepted: <see cref="Use"/> follows. Withdrawn: guard is gone, or nobody wants to know.</returns>
    public ApprovalOutcome Wait(CancellationToken gone)
    {
        using CancellationTokenRegistration end = gone.Register(connection.Shutdown);
        while (!connection.WaitForMessage(Slice))
        {
        }

        return Receive(connection)?.Outcome switch
        {
            "accepted" => ApprovalOutcome.Accepted,
            "denied" => ApprovalOutcome.Denied,
            "expired" => ApprovalOutcome.Expired,
            _ => ApprovalOutcome.Withdrawn,
        };
    }

    /// <summary>Tells what has become of a yes.</summary>
    /// <param name="isUsed">Whether it is done; false: it would be something else by now.</param>
    public void Use(bool isUsed) => _ = connection.Send(JsonSerializer.SerializeToUtf8Bytes(new YesUsed { Used = isUsed }, LaunchJson.Default.YesUsed));

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private static LaunchReply? Receive(SeqPacketSocket connection)
    {
        byte[] buffer = new byte[MessageChannel.MaxMessage];
        try
        {
            return connection.Receive(buffer) is > 0 and var length ? JsonSerializer.Deserialize(buffer.AsSpan(0, length), LaunchJson.Default.LaunchReply) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
