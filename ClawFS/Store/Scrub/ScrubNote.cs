using ClawFS.Store.Maps;

namespace ClawFS.Store.Checks;

/// <summary>What the background check keeps in a hidden file, so that a pass goes on after a restart. Byte table in docs/storage-format.md.</summary>
internal readonly record struct ScrubNote(DateTimeOffset? Begun, DateTimeOffset? Ended, ulong Row, ulong Block, long Rows, long Blocks, int Problems)
{
    public const string FileName = "scrub";
    private const int Size = 64;
    private const byte Format = 1;

    /// <summary>Whether a pass is under way.</summary>
    public bool IsRunning => Begun is { } begun && (Ended is not { } ended || ended < begun);

    /// <summary>Reads the note; the default one where there is none, or none that this version reads: then a pass begins anew.</summary>
    public static ScrubNote Load(HiddenFile file)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (file.Read(0, bytes) != Size || bytes[0] != Format)
        {
            return default;
        }
        var reader = new SpanReader(bytes[8..]);
        return new(Time(reader.U64()), Time(reader.U64()), reader.U64(), reader.U64(), (long)reader.U64(), (long)reader.U64(), (int)reader.U32());
    }

    public void Save(HiddenFile file)
    {
        var writer = new SpanWriter(Size);
        writer.U64(Format);
        writer.U64((ulong)(Begun?.ToUnixTimeSeconds() ?? 0));
        writer.U64((ulong)(Ended?.ToUnixTimeSeconds() ?? 0));
        writer.U64(Row);
        writer.U64(Block);
        writer.I64(Rows);
        writer.I64(Blocks);
        writer.U32((uint)Problems);
        writer.U32(0);
        file.Overwrite(writer.Written);
    }

    private static DateTimeOffset? Time(ulong seconds) =>
        seconds is > 0 and < int.MaxValue * 64UL ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;
}
