using System.Text;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>
/// `sys/fs/quota`: the most bytes the store may hold, or "none". The owner writes a number with K, M, G or T (powers of 1024), or "none".
/// </summary>
internal sealed class QuotaFile(FsFacts facts, ErrorLog errors) : WritableFile(errors, capacity: 128)
{
    public const string FileName = "quota";

    protected override byte[] Render()
    {
        string text = facts.Store switch
        {
            null => "locked\n",
            StoreStatistics { QuotaBytes: 0 } => "none\n",
            StoreStatistics store => $"{store.QuotaBytes}\n",
        };
        return Encoding.UTF8.GetBytes(text);
    }

    protected override Rejection? CheckLine(ReadOnlySpan<byte> line) =>
        SizeValue.TryParse(line, out _, out int wrong) ? null : new("a size is a number with K, M, G or T, or none", wrong);

    protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> line = content.TrimEnd((byte)'\n');
        if (line.Contains((byte)'\n'))
        {
            return new("one line is wanted");
        }
        return SizeValue.TryParse(line, out ulong bytes, out int wrong) ? facts.SetQuota(bytes) : new("a size is wanted, or none", wrong);
    }
}
