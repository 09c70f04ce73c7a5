using ClawFS.Fuse.Wire;
using ClawFS.Vfs;

namespace ClawFS.Fuse.Dispatch;

/// <summary>Packs a listing into the reply: fuse_dirent, or with attributes fuse_entry_out before each.</summary>
internal sealed class DirentSink(FuseRequest request) : DirSink
{
    private int limit;
    private int used;
    private bool plus;

    /// <inheritdoc/>
    public override bool Plus => plus;

    /// <summary>Bytes packed.</summary>
    internal int Used => used;

    /// <summary>Starts a listing of at most <paramref name="size"/> bytes.</summary>
    internal void Begin(int size, bool withAttributes)
    {
        limit = size;
        used = 0;
        plus = withAttributes;
    }

    /// <inheritdoc/>
    public override bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie)
    {
        int head = plus ? EntryOut.ByteSize : 0;
        if (used + head + Dirent.Padded(name.Length) > limit)
            return false;

        // An entry_out of zeros gives the kernel a name without a node: it takes no reference and caches nothing.
        request.Room.Slice(used, head).Clear();
        used += head;
        AddDirent(name, ino, mode, nextCookie);
        return true;
    }

    /// <inheritdoc/>
    public override bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie)
    {
        if (!plus)
            return Add(name, entry.Attr.Ino, entry.Attr.Mode, nextCookie);
        if (used + EntryOut.ByteSize + Dirent.Padded(name.Length) > limit)
            return false;

        used += WireStruct.Write(request.Room[used..], WireConvert.ToWire(entry));
        AddDirent(name, entry.Attr.Ino, entry.Attr.Mode, nextCookie);
        return true;
    }

    /// <summary>Takes back the references of a listing with attributes that did not reach its client.</summary>
    internal void ForgetAll(NodeTree tree)
    {
        ReadOnlySpan<byte> rest = request.Room[..used];
        while (WireStruct.TryRead(rest, out EntryOut entry)
            && WireStruct.TryRead(rest[EntryOut.ByteSize..], out Dirent dirent))
        {
            if (entry.Node != 0)
            {
                tree.Forget(entry.Node, 1);
            }

            rest = rest[(EntryOut.ByteSize + Dirent.Padded((int)dirent.NameLength))..];
        }
    }

    private void AddDirent(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie)
    {
        Span<byte> to = request.Room.Slice(used, Dirent.Padded(name.Length));
        WireStruct.Write(to, new Dirent
        {
            Ino = ino,
            Offset = nextCookie,
            NameLength = (uint)name.Length,
            Type = Vfs.FileMode.DirentType(mode),
        });
        name.CopyTo(to[Dirent.ByteSize..]);
        to[(Dirent.ByteSize + name.Length)..].Clear();
        used += to.Length;
    }
}
