using System.Text;

namespace ClawFS.Vfs.Tests;

/// <summary>A READDIR buffer with room for a few entries.</summary>
internal sealed class ListSink(int room = int.MaxValue, bool plus = false) : DirSink
{
    public List<string> Names { get; } = [];
    public List<ulong> Referenced { get; } = [];
    public List<ulong> Numbers { get; } = [];
    /// <summary>Entries that came with attributes.</summary>
    public List<Entry> Entries { get; } = [];
    public ulong Last { get; private set; }

    public override bool Plus => plus;

    public override bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie)
    {
        if (Names.Count == room)
        {
            return false;
        }
        Names.Add(Encoding.UTF8.GetString(name));
        Numbers.Add(ino);
        Last = nextCookie;
        return true;
    }

    public override bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie)
    {
        if (!Add(name, entry.Node, entry.Attr.Mode, nextCookie))
        {
            return false;
        }
        Referenced.Add(entry.Node);
        Entries.Add(entry);
        return true;
    }
}
