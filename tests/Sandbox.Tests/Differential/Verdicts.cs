using System.Buffers.Binary;
using ClawOS.Security.Seccomp;

namespace Sandbox.Tests.Differential;

/// <summary>The verdicts of a filter as errnos that no verdict has: so a process under it can read them.</summary>
internal static class Verdicts
{
    private const ushort Return = 0x06;
    private const uint ActionMask = 0xFFFF0000, Errno = 0x00050000;
    private const int Allowed = 3001, Others = 3002, Told = 3003, FirstErrno = 2000;

    /// <summary>The same tests with other answers.</summary>
    internal static byte[] AsErrors(ReadOnlySpan<byte> filter)
    {
        byte[] changed = filter.ToArray();
        for (int at = 0; at < changed.Length; at += 8)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(changed.AsSpan(at)) == Return)
                BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(at + 4), Errno | (uint)Of(BinaryPrimitives.ReadUInt32LittleEndian(changed.AsSpan(at + 4))));
        }

        return changed;
    }

    /// <summary>What a call shows that gets an action.</summary>
    internal static int Of(FilterAction action) => Of(action.ReturnValue);

    private static int Of(uint verdict) => (verdict & ActionMask) switch
    {
        0x7FFF0000 => Allowed,
        0x7FC00000 => Told,
        Errno => FirstErrno + (int)(verdict & 0xFFFF),
        _ => Others,
    };
}
