using System.Buffers.Binary;
using ClawFS.Fuse;

namespace Fuse.Tests.Dispatch;

/// <summary>
/// Requests as the kernel writes them, byte by byte after include/uapi/linux/fuse.h: independent of the structs under test.
/// </summary>
internal static class RequestBytes
{
    public static byte[] Make(FuseOpcode opcode, ulong unique, ulong node, params ReadOnlySpan<object> parts) =>
        MakeAs(opcode, unique, node, 1000, 100, 4242, parts);

    public static byte[] MakeAs(FuseOpcode opcode, ulong unique, ulong node, uint uid, uint gid, uint pid, params ReadOnlySpan<object> parts)
    {
        List<byte> bytes = [];
        Add(bytes, 0u);
        Add(bytes, (uint)opcode);
        Add(bytes, unique);
        Add(bytes, node);
        Add(bytes, uid);
        Add(bytes, gid);
        Add(bytes, pid);
        Add(bytes, 0u);
        foreach (object part in parts)
        {
            Add(bytes, part);
        }

        byte[] made = [.. bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(made, (uint)made.Length);
        return made;
    }

    /// <summary>Numbers become little-endian bytes, strings UTF-8 with a NUL, byte arrays themselves.</summary>
    private static void Add(List<byte> bytes, object part)
    {
        Span<byte> number = stackalloc byte[8];
        switch (part)
        {
            case uint u:
                BinaryPrimitives.WriteUInt32LittleEndian(number, u);
                bytes.AddRange(number[..4]);
                break;
            case int i:
                BinaryPrimitives.WriteInt32LittleEndian(number, i);
                bytes.AddRange(number[..4]);
                break;
            case ulong u:
                BinaryPrimitives.WriteUInt64LittleEndian(number, u);
                bytes.AddRange(number);
                break;
            case long i:
                BinaryPrimitives.WriteInt64LittleEndian(number, i);
                bytes.AddRange(number);
                break;
            case ushort u:
                BinaryPrimitives.WriteUInt16LittleEndian(number, u);
                bytes.AddRange(number[..2]);
                break;
            case string text:
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(text));
                bytes.Add(0);
                break;
            case byte[] raw:
                bytes.AddRange(raw);
                break;
            default:
                throw new ArgumentException($"No wire form for {part.GetType()}.");
        }
    }

    /// <summary>The bytes of the parts, without a header: what a reply's payload must be.</summary>
    public static byte[] Bytes(params ReadOnlySpan<object> parts)
    {
        List<byte> bytes = [];
        foreach (object part in parts)
        {
            Add(bytes, part);
        }

        return [.. bytes];
    }
}
