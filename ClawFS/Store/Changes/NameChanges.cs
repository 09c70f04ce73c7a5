using ClawFS.Store.Maps;
using ClawFS.Vfs;

namespace ClawFS.Store.Changes;

/// <summary>A node comes to be. <see cref="Parent"/> 0: it has no name yet (O_TMPFILE) and is an orphan.</summary>
internal readonly ref struct CreateChange
{
    public required ulong Inode { get; init; }
    public required ulong Parent { get; init; }
    public required uint Mode { get; init; }
    public required uint Uid { get; init; }
    public required uint Gid { get; init; }
    public uint Rdev { get; init; }
    public required Timestamp Time { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public ReadOnlySpan<byte> Salt { get; init; }
    public ReadOnlySpan<byte> Target { get; init; }

    public void Encode(SpanWriter to)
    {
        to.U64(Inode);
        to.U64(Parent);
        to.U32(Mode);
        to.U32(Uid);
        to.U32(Gid);
        to.U32(Rdev);
        to.Time(Time);
        to.Block(Name);
        to.Block(Salt);
        to.Block(Target);
    }

    public static CreateChange Decode(ref SpanReader from) => new()
    {
        Inode = from.U64(),
        Parent = from.U64(),
        Mode = from.U32(),
        Uid = from.U32(),
        Gid = from.U32(),
        Rdev = from.U32(),
        Time = from.Time(),
        Name = from.Block(),
        Salt = from.Block(),
        Target = from.Block(),
    };
}

/// <summary>A further name for a node; also the first name of an O_TMPFILE.</summary>
internal readonly ref struct LinkChange
{
    public required ulong Inode { get; init; }
    public required ulong Parent { get; init; }
    public required Timestamp Time { get; init; }
    public required ReadOnlySpan<byte> Name { get; init; }

    public void Encode(SpanWriter to)
    {
        to.U64(Inode);
        to.U64(Parent);
        to.Time(Time);
        to.Block(Name);
    }

    public static LinkChange Decode(ref SpanReader from) => new() { Inode = from.U64(), Parent = from.U64(), Time = from.Time(), Name = from.Block() };
}

/// <summary>A name goes.</summary>
internal readonly ref struct RemoveChange
{
    public required ulong Parent { get; init; }
    public required Timestamp Time { get; init; }
    public required ReadOnlySpan<byte> Name { get; init; }

    public void Encode(SpanWriter to)
    {
        to.U64(Parent);
        to.Time(Time);
        to.Block(Name);
    }

    public static RemoveChange Decode(ref SpanReader from) => new() { Parent = from.U64(), Time = from.Time(), Name = from.Block() };
}

/// <summary>A name moves, replacing what stood there, or two names exchange their nodes.</summary>
internal readonly ref struct RenameChange
{
    public required ulong Parent { get; init; }
    public required ulong NewParent { get; init; }
    public required bool Exchange { get; init; }
    public required Timestamp Time { get; init; }
    public required ReadOnlySpan<byte> Name { get; init; }
    public required ReadOnlySpan<byte> NewName { get; init; }

    public void Encode(SpanWriter to)
    {
        to.U64(Parent);
        to.U64(NewParent);
        to.Byte(Exchange ? (byte)1 : (byte)0);
        to.Time(Time);
        to.Block(Name);
        to.Block(NewName);
    }

    public static RenameChange Decode(ref SpanReader from) => new()
    {
        Parent = from.U64(),
        NewParent = from.U64(),
        Exchange = from.Byte() != 0,
        Time = from.Time(),
        Name = from.Block(),
        NewName = from.Block(),
    };
}
