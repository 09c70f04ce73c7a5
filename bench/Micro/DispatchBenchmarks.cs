using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using ClawFS.Fuse;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawOS.Bench.Micro;

/// <summary>The dispatcher alone: request bytes in, reply bytes into a sink that drops them, over a tree that does no work. Not sealed: BenchmarkDotNet derives from it.</summary>
public class DispatchBenchmarks : IDisposable
{
    private const int HeaderBytes = 40, ReadBytes = 4096;
    private readonly byte[] lookup = Message(FuseOpcode.Lookup, "file\0"u8);
    private readonly byte[] read = Message(FuseOpcode.Read, ReadBody());
    private readonly FuseDispatcher dispatcher;
    private readonly FuseRequest request;

    public DispatchBenchmarks()
    {
        ParkedRequests parking = new();
        FuseStatistics statistics = new();
        DroppingSink sink = new();
        dispatcher = new FuseDispatcher(new OneFileTree(), parking, new PostponedRequests(static () => throw new InvalidOperationException()), static (bug, opcode) => throw new InvalidOperationException(opcode.ToString(), bug));
        request = new FuseRequest(1 << 20, sink, sink, parking, statistics.NewCounters(), statistics.NewCounters());
    }

    [Benchmark]
    public void Lookup() => dispatcher.Dispatch(lookup, request);

    [Benchmark]
    public void Read4KiB() => dispatcher.Dispatch(read, request);

    [GlobalCleanup]
    public void Dispose()
    {
        request.Dispose();
        GC.SuppressFinalize(this);
    }

    // struct fuse_in_header: length, opcode, unique, node id, then uid, gid, pid and padding, which stay 0.
    private static byte[] Message(FuseOpcode opcode, ReadOnlySpan<byte> body)
    {
        byte[] message = new byte[HeaderBytes + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), (uint)opcode);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16), 1);
        body.CopyTo(message.AsSpan(HeaderBytes));
        return message;
    }

    // struct fuse_read_in: handle, offset, then the size.
    private static byte[] ReadBody()
    {
        byte[] body = new byte[40];
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(16), ReadBytes);
        return body;
    }

    private sealed class OneFileTree : NodeTree
    {
        public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
        {
            entry = new Entry { Node = 2, EntrySeconds = 60, AttrSeconds = 60 };
            return Errno.Ok;
        }

        public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count)
        {
            count = buffer.Length;
            return Errno.Ok;
        }
    }

    private sealed class DroppingSink : ReplySink
    {
        internal override Errno Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Errno.Ok;
    }
}
