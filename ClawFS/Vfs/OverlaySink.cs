namespace ClawFS.Vfs;

/// <summary>
/// Passes a stored folder's entries on, less those that a generated child shadows, with the times that overlaid folders show, and notes whether there
/// is room for more.
/// </summary>
internal sealed class OverlaySink(DirSink sink, Overlays overlays, Overlay? shadows) : DirSink
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
            Entry shown = entry;
            overlays.Show(ref shown.Attr);
            return Note(sink.AddPlus(name, shown, nextCookie));
        }
        LeftOut.Add(entry.Node);
        return true;
    }

    private bool IsShadowed(ReadOnlySpan<byte> name) => shadows?.Children.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(name) == true;

    private bool Note(bool added)
    {
        IsFull |= !added;
        return added;
    }
}
