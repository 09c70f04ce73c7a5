using System.Globalization;
using System.Text;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>
/// `01-notes.md`: a file that answers a query, whole and read-only. Its bytes are the stored file's at the time of reading; what was found in it is in its attributes.
/// </summary>
internal sealed class HitFile : GeneratedNode
{
    private const uint ReadOnly = 0x124;

    private readonly StoredTree stored;
    private readonly LocalRequest request = new(0, 0);
    private readonly Dictionary<string, byte[]> attributes;

    /// <summary>Makes the node of a hit.</summary>
    public HitFile(SearchHit hit, StoredTree stored) : base(FileMode.Regular | ReadOnly)
    {
        this.stored = stored;
        Hit = hit;
        attributes = new(StringComparer.Ordinal)
        {
            ["user.claw.score"] = Encoding.ASCII.GetBytes(hit.Score.ToString("0.000", CultureInfo.InvariantCulture)),
            ["user.claw.path"] = Encoding.UTF8.GetBytes(hit.Path),
            ["user.claw.lines"] = Encoding.ASCII.GetBytes(hit.Lines),
            ["user.claw.sha256"] = Encoding.ASCII.GetBytes(hit.Sha256),
        };
    }

    /// <summary>What was found.</summary>
    public SearchHit Hit { get; }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, byte[]> Attributes => attributes;

    /// <summary>The name of a hit in its folder: two digits or more, so that they sort by rank, and the file's own name, cut where it would be too long.</summary>
    public static string NameOf(SearchHit hit)
    {
        string name = hit.Rank.ToString("00", CultureInfo.InvariantCulture) + "-" + hit.FileName;
        while (Encoding.UTF8.GetByteCount(name) > Vfs.Vfs.MaxName)
        {
            int extension = name.LastIndexOf('.');
            int cut = extension > name.Length - 16 && extension > 8 ? extension : name.Length;
            name = name.Remove(cut - (char.IsLowSurrogate(name[cut - 1]) ? 2 : 1), char.IsLowSurrogate(name[cut - 1]) ? 2 : 1);
        }
        return name;
    }

    /// <inheritdoc/>
    protected override NodeShape Measure()
    {
        Errno error = stored.GetAttr(request, Hit.Inode, 0, out Attr attr, out _);
        return error == Errno.Ok ? new NodeShape(attr.Size, attr.Mtime, Version(attr)) : new NodeShape(0, Hit.ModifiedAt, 0);
    }

    /// <inheritdoc/>
    protected override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        file = OpenFlags.Writes(flags) ? null : new Reader(this);
        return file is null ? Errno.EROFS : Errno.Ok;
    }

    private static ulong Version(in Attr attr) => ((ulong)attr.Mtime.Seconds * 1_000_000_000) + attr.Mtime.Nanoseconds;

    private sealed class Reader(HitFile node) : OpenFile
    {
        protected override Errno Read(Request request, ulong offset, Span<byte> buffer, out int count) =>
            node.stored.Read(node.request, node.Hit.Inode, 0, offset, buffer, out count);
    }
}
