using System.Buffers.Binary;
using ClawFS.Fuse;

namespace ClawOS.Cli.Services;

/// <summary>What a successor on the same mount must know and cannot ask anybody: the supervisor keeps it, unread, and starts the successor with it.</summary>
/// <param name="Session">What INIT has agreed on.</param>
/// <param name="Memory">Inode of `memory`: while the store is locked, nobody can look it up.</param>
internal sealed record Handover(FuseSession Session, ulong Memory)
{
    internal byte[] ToBytes()
    {
        byte[] session = Session.ToBytes();
        byte[] bytes = new byte[sizeof(ulong) + session.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Memory);
        session.CopyTo(bytes, sizeof(ulong));
        return bytes;
    }

    /// <exception cref="InvalidDataException">These bytes are no handover.</exception>
    internal static Handover FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length > sizeof(ulong)
        ? new Handover(FuseSession.FromBytes(bytes[sizeof(ulong)..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes))
        : throw new InvalidDataException("These bytes hand no mount over.");
}
