using System.Text;
using ClawFS.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClawFS.Supervisor;

/// <summary>One message between the supervisor and fs.</summary>
/// <param name="Frame">What it means; 0 is the end of the channel.</param>
/// <param name="Body">What follows the first byte.</param>
/// <param name="Descriptor">The descriptor that came with it, owned by the receiver.</param>
public sealed record FsMessage(FsFrame Frame, byte[] Body, SafeFileHandle? Descriptor)
{
    /// <summary>The longest message in bytes: texts are one line.</summary>
    public const int MaxLength = 4096;

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Waits for the next message.</summary>
    /// <param name="channel">The channel to the peer.</param>
    /// <returns>The message; <see cref="Frame"/> is 0 when the peer has closed.</returns>
    /// <exception cref="IOException">The message is longer than <see cref="MaxLength"/>.</exception>
    public static FsMessage Receive(SeqPacketSocket channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        Span<byte> buffer = stackalloc byte[MaxLength];
        int length = channel.Receive(buffer, out SafeFileHandle? descriptor);
        return length == 0
            ? new FsMessage(0, [], descriptor)
            : new FsMessage((FsFrame)buffer[0], buffer[1..length].ToArray(), descriptor);
    }

    /// <summary>Sends a message whose body is text.</summary>
    /// <param name="channel">The channel to the peer.</param>
    /// <param name="frame">What it means.</param>
    /// <param name="text">The body; cut at <see cref="MaxLength"/>.</param>
    /// <returns>False when the peer is gone.</returns>
    public static bool Send(SeqPacketSocket channel, FsFrame frame, string text = "") =>
        Send(channel, frame, Encoding.UTF8.GetBytes(text), null);

    /// <summary>Sends a message.</summary>
    /// <param name="channel">The channel to the peer.</param>
    /// <param name="frame">What it means.</param>
    /// <param name="body">The body; cut at <see cref="MaxLength"/>.</param>
    /// <param name="descriptor">A descriptor to pass along, or null.</param>
    /// <returns>False when the peer is gone.</returns>
    public static bool Send(SeqPacketSocket channel, FsFrame frame, ReadOnlySpan<byte> body, System.Runtime.InteropServices.SafeHandle? descriptor)
    {
        ArgumentNullException.ThrowIfNull(channel);
        body = body[..Math.Min(body.Length, MaxLength - 1)];
        Span<byte> message = stackalloc byte[1 + body.Length];
        message[0] = (byte)frame;
        body.CopyTo(message[1..]);
        return channel.Send(message, descriptor);
    }

    /// <summary>Tells the supervisor why fs cannot start.</summary>
    /// <param name="channel">The channel to the supervisor.</param>
    /// <param name="exitCode">claw's exit code for it.</param>
    /// <param name="reason">One line.</param>
    /// <returns>False when the supervisor is gone.</returns>
    public static bool SendFailure(SeqPacketSocket channel, int exitCode, string reason) =>
        Send(channel, FsFrame.Failed, [(byte)exitCode, .. Encoding.UTF8.GetBytes(reason)], null);
}
