using System.Buffers.Binary;
using ClawFS.Fuse;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;

namespace Fuse.Tests.Fuzz;

/// <summary>
/// What the kernel would know: which requests wait for an answer, and how many references each node has by the replies that it took.
/// Refuses a reply now and then, as if the client were gone.
/// </summary>
internal sealed class KernelModel(Random random) : ReplySink
{
    private readonly Lock gate = new();
    private readonly Dictionary<ulong, FuseOpcode> asked = [];

    public Dictionary<ulong, ulong> References { get; } = [];

    /// <summary>Replies to requests that were not asked or were answered before.</summary>
    public List<string> Surprises { get; } = [];

    /// <summary>Requests that have no answer yet.</summary>
    public int Unanswered
    {
        get
        {
            lock (gate)
            {
                return asked.Count;
            }
        }
    }

    public string Open
    {
        get
        {
            lock (gate)
            {
                return string.Join(", ", asked.Select(a => $"{a.Key} {a.Value}"));
            }
        }
    }

    /// <summary>Notes a request that must be answered; what is too short for a header must not.</summary>
    public void Asks(ReadOnlySpan<byte> request)
    {
        if (request.Length < 40)
            return;

        FuseOpcode opcode = (FuseOpcode)BinaryPrimitives.ReadUInt32LittleEndian(request[4..]);
        if (opcode is FuseOpcode.Interrupt or FuseOpcode.NotifyReply or FuseOpcode.Forget or FuseOpcode.BatchForget)
            return;

        lock (gate)
        {
            asked[BinaryPrimitives.ReadUInt64LittleEndian(request[8..])] = opcode;
        }
    }

    internal override Errno Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte[] reply = [.. first, .. second];
        ulong unique = BinaryPrimitives.ReadUInt64LittleEndian(reply.AsSpan(8));
        int error = BinaryPrimitives.ReadInt32LittleEndian(reply.AsSpan(4));
        lock (gate)
        {
            bool interrupt = error == -(int)Errno.EAGAIN && reply.Length == 16;
            if (!asked.Remove(unique, out FuseOpcode opcode))
            {
                if (!interrupt)
                {
                    Surprises.Add($"reply to {unique}");
                }

                return Errno.ENOENT;
            }

            if (reply.Length != BinaryPrimitives.ReadInt32LittleEndian(reply) || error is > 0 or < -511 || (error != 0 && reply.Length != 16))
            {
                Surprises.Add($"malformed reply to {unique} {opcode}");
            }

            if (random.Next(20) == 0)
                return Errno.ENOENT;

            if (error == 0)
            {
                Take(opcode, reply.AsSpan(16));
            }

            return Errno.Ok;
        }
    }

    private void Take(FuseOpcode opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case FuseOpcode.Lookup or FuseOpcode.Create or FuseOpcode.MkNod or FuseOpcode.MkDir or FuseOpcode.SymLink or FuseOpcode.Link
                or FuseOpcode.TmpFile:
                Refer(BinaryPrimitives.ReadUInt64LittleEndian(payload));
                break;
            case FuseOpcode.ReadDirPlus:
                while (payload.Length > 0)
                {
                    Refer(BinaryPrimitives.ReadUInt64LittleEndian(payload));
                    int nameLength = BinaryPrimitives.ReadInt32LittleEndian(payload[(128 + 16)..]);
                    payload = payload[(128 + ((24 + nameLength + 7) & ~7))..];
                }

                break;
        }
    }

    private void Refer(ulong node)
    {
        if (node != 0)
        {
            References[node] = References.GetValueOrDefault(node) + 1;
        }
    }
}
