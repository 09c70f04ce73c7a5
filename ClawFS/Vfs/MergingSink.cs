namespace ClawFS.Vfs;

/// <summary>Passes a stored folder's entries on, less those that a generated child shadows, and notes whether there is room for more.</summary>
internal sealed class MergingSink(DirSink sink, Dictionary<byte[], GeneratedNode> shadows) : DirSink
{
    /// <summary>Whether the buffer was full before the listing ended.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Nodes that the tree counted a reference for although their entry was left out; to be forgotten once each.</summary>
    public List<ulong> LeftOut { get; } = [];

    public override bool Plus => sink.Plus;

    public override bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie) =>
        IsShadowed(name) || Note(sink.Add(name, ino, mode, nextCookie));

    public override bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie)
    {
        if (!IsShadowed(name))
        {
            return Note(sink.AddPlus(name, entry, nextCookie));
        }
        LeftOut.Add(entry.Node);
        return true;
    }

    private bool IsShadowed(ReadOnlySpan<byte> name) => shadows.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(name);

    private bool Note(bool added)
    {
        IsFull |= !added;
        return added;
    }
}
