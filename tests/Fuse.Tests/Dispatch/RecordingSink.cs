using System.Buffers.Binary;
using System.Collections.Concurrent;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;

namespace Fuse.Tests.Dispatch;

/// <summary>One reply, taken apart.</summary>
/// <param name="Unique">The request it answers.</param>
/// <param name="Error">0 or a negated errno.</param>
/// <param name="Payload">What follows the header.</param>
internal sealed record Reply(ulong Unique, int Error, byte[] Payload);

/// <summary>Keeps replies, and refuses some as the kernel would.</summary>
internal sealed class RecordingSink : ReplySink
{
    public ConcurrentQueue<Reply> Replies { get; } = [];

    /// <summary>What the next sends answer instead of Ok.</summary>
    public Errno Refuse { get; set; }

    internal override Errno Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte[] all = [.. first, .. second];
        Assert.Equal((uint)all.Length, BinaryPrimitives.ReadUInt32LittleEndian(all));
        int error = BinaryPrimitives.ReadInt32LittleEndian(all.AsSpan(4));
        Assert.InRange(error, -511, 0);
        Replies.Enqueue(new Reply(BinaryPrimitives.ReadUInt64LittleEndian(all.AsSpan(8)), error, all[16..]));
        return Refuse;
    }
}
