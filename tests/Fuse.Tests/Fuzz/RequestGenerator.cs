using System.Buffers.Binary;
using ClawFS.Fuse;
using Fuse.Tests.Dispatch;

namespace Fuse.Tests.Fuzz;

/// <summary>Makes requests that a kernel could send about a small tree, and spoils them on demand.</summary>
internal sealed class RequestGenerator(Random random)
{
    private static readonly string[] Names = ["a", "b", "c", "d", ".", "..", "x/y", "", new string('n', 255), new string('n', 256), "\u00e4\n"];

    private static readonly FuseOpcode[] Opcodes = [.. Enum.GetValues<FuseOpcode>().Where(o => o is not (FuseOpcode.Forget
        or FuseOpcode.BatchForget or FuseOpcode.Destroy))];

    private readonly Queue<ulong> recent = [];

    /// <summary>Nodes that requests are about, beside the root and invented ones.</summary>
    public IReadOnlyList<ulong> Known { get; set; } = [1];

    public byte[] Next(ulong unique)
    {
        recent.Enqueue(unique);
        if (recent.Count > 50)
        {
            recent.Dequeue();
        }

        FuseOpcode opcode = Opcodes[random.Next(Opcodes.Length)];
        return RequestBytes.Make(opcode, unique, Node(), Body(opcode));
    }

    /// <summary>Flips bytes, cuts, grows, or lies about lengths. The opcode never becomes one that has no answer, or the end.</summary>
    public byte[] Spoil(byte[] request)
    {
        byte[] spoiled = request;
        switch (random.Next(5))
        {
            case 0:
                spoiled = request[..random.Next(request.Length)];
                break;
            case 1:
                spoiled = [.. request, .. Noise(random.Next(200))];
                break;
        }

        // The number (bytes 8..15) stays, so that the answer can be told.
        int from = random.Next(3) == 0 ? 4 : 16;
        for (int i = random.Next(6); i > 0 && spoiled.Length > from; i--)
        {
            int at = random.Next(from, spoiled.Length);
            if (at is < 8 or > 15)
            {
                spoiled[at] = (byte)random.Next(256);
            }
        }

        if (spoiled.Length >= 8)
        {
            if (random.Next(4) != 0)
            {
                BinaryPrimitives.WriteInt32LittleEndian(spoiled, spoiled.Length);
            }

            if (IsUncounted((FuseOpcode)BinaryPrimitives.ReadUInt32LittleEndian(spoiled.AsSpan(4))))
            {
                BinaryPrimitives.WriteUInt32LittleEndian(spoiled.AsSpan(4), (uint)FuseOpcode.Lookup);
            }
        }

        return spoiled;
    }

    public byte[] Noise(int length)
    {
        byte[] noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    private static bool IsUncounted(FuseOpcode opcode) =>
        opcode is FuseOpcode.Forget or FuseOpcode.BatchForget or FuseOpcode.Destroy or FuseOpcode.Interrupt or FuseOpcode.NotifyReply;

    private ulong Node() => random.Next(10) switch
    {
        0 => (ulong)random.Next(1000),
        < 5 => 1,
        _ => Known[random.Next(Known.Count)],
    };

    private string Name() => Names[random.Next(Names.Length)];

    private ulong Offset() => random.Next(50) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(20000);

    private object[] Body(FuseOpcode opcode)
    {
        uint size = (uint)random.Next(5000);
        return opcode switch
        {
            FuseOpcode.Lookup or FuseOpcode.Unlink or FuseOpcode.RmDir => [Name()],
            FuseOpcode.GetAttr => [(uint)random.Next(2), 0u, 0UL],
            FuseOpcode.Statx => [0u, 0u, 0UL, 0u, 0xFFFu],
            FuseOpcode.SetAttr => [(uint)random.Next(0x1000), 0u, 0UL, Offset(), Noise(64)],
            FuseOpcode.SymLink => [Name(), Name()],
            FuseOpcode.MkNod => [0x8000u | (uint)random.Next(0x1000), 0u, 0u, 0u, Name()],
            FuseOpcode.MkDir => [(uint)random.Next(0x1000), 0u, Name()],
            FuseOpcode.Rename => [Node(), Name(), Name()],
            FuseOpcode.Rename2 => [Node(), (uint)random.Next(4), 0u, Name(), Name()],
            FuseOpcode.Link => [Node(), Name()],
            FuseOpcode.Open or FuseOpcode.OpenDir => [random.Next(0x8000), (uint)random.Next(2)],
            FuseOpcode.Create => [random.Next(0x8000), (uint)random.Next(0x1000), 0u, 0u, Name()],
            FuseOpcode.TmpFile => [random.Next(0x8000), (uint)random.Next(0x1000), 0u, 0u, "/"],
            FuseOpcode.Read => [0UL, Offset(), size, 0u, 0UL, 0u, 0u],
            FuseOpcode.ReadDir or FuseOpcode.ReadDirPlus => [0UL, (ulong)random.Next(10), size, 0u, 0UL, 0u, 0u],
            FuseOpcode.Write => [0UL, Offset(), size, (uint)random.Next(8), 0UL, 0u, 0u, Noise((int)size)],
            FuseOpcode.Flush or FuseOpcode.Release or FuseOpcode.ReleaseDir => [0UL, 0, 0u, 0UL],
            FuseOpcode.Fsync or FuseOpcode.FsyncDir => [0UL, 0u, 0u],
            FuseOpcode.SetXattr => [size, random.Next(3), $"user.{random.Next(5)}", Noise((int)size)],
            FuseOpcode.GetXattr => [size, 0u, $"user.{random.Next(5)}"],
            FuseOpcode.ListXattr => [(uint)random.Next(40), 0u],
            FuseOpcode.RemoveXattr => [$"user.{random.Next(5)}"],
            FuseOpcode.Fallocate => [0UL, Offset(), (ulong)size, (uint)random.Next(32), 0u],
            FuseOpcode.Seek => [0UL, Offset(), random.Next(2, 5), 0u],
            FuseOpcode.CopyFileRange or FuseOpcode.CopyFileRange64 => [0UL, Offset(), Node(), 0UL, Offset(), (ulong)size, 0UL],
            FuseOpcode.Poll => [0UL, 1UL, 1u, 1u],
            FuseOpcode.Interrupt => [recent.ElementAt(random.Next(recent.Count))],
            _ => [Noise(random.Next(64))],
        };
    }
}
