using ClawFS.Fuse.Wire;

namespace ClawFS.Fuse.Device;

/// <summary>One thing to tell the kernel.</summary>
/// <param name="Code">What.</param>
/// <param name="Node">Inode, parent folder or poll handle.</param>
/// <param name="Offset">First byte; negative: attributes only.</param>
/// <param name="Length">Bytes; 0 or less: to the end.</param>
/// <param name="Name">The name in a folder, at most 255 bytes.</param>
/// <param name="Sent">Runs when the kernel is done with it.</param>
internal sealed record Notification(NotifyCode Code, ulong Node, long Offset, long Length, byte[]? Name, Action? Sent = null)
{
    /// <summary>Writes the message and returns its length.</summary>
    internal int Write(Span<byte> message)
    {
        int at = OutHeader.ByteSize;
        switch (Code)
        {
            case NotifyCode.Poll:
                at += WireStruct.Write(message[at..], new NotifyPoll { PollHandle = Node });
                break;
            case NotifyCode.InvalidateInode:
                at += WireStruct.Write(message[at..], new NotifyInode { Node = Node, Offset = Offset, Length = Length });
                break;
            case NotifyCode.InvalidateEntry:
                ReadOnlySpan<byte> name = Name;
                at += WireStruct.Write(message[at..], new NotifyEntry { Parent = Node, NameLength = (uint)name.Length });
                name.CopyTo(message[at..]);
                at += name.Length;
                message[at++] = 0;
                break;
        }

        WireStruct.Write(message, new OutHeader { Length = (uint)at, Error = (int)Code });
        return at;
    }
}
