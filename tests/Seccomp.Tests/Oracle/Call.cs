using System.Buffers.Binary;

namespace ClawOS.Security.Seccomp.Tests.Oracle;

/// <summary>A system call as the kernel shows it to a filter.</summary>
internal sealed record Call(uint Architecture, uint Number, ulong[] Arguments)
{
    /// <summary>struct seccomp_data: number, architecture, instruction pointer, six arguments.</summary>
    internal byte[] Data()
    {
        byte[] data = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, Number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), Architecture);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(8), 0x7FFF12345678);
        for (int i = 0; i < Arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16 + (8 * i)), Arguments[i]);
        }

        return data;
    }

    public override string ToString() => $"architecture {Architecture:x}, number {Number}, arguments {string.Join(' ', Arguments.Select(static argument => argument.ToString("x")))}";
}
