using ClawFS.Search.Query;
using ClawFS.Vfs;

namespace ClawFS.Search;

/// <summary>One file that answers a query, by its best passage.</summary>
/// <param name="Rank">1 for the best.</param>
/// <param name="Score">What it was ranked by; comparable within one answer only.</param>
/// <param name="Inode">The file.</param>
/// <param name="Path">Where it is now, from the mount's root ("memory/notes/a.md").</param>
/// <param name="FirstLine">First line of the passage, from 1.</param>
/// <param name="LastLine">Last line of the passage.</param>
/// <param name="Heading">The headings above the passage ("Setup > Keys"), or empty.</param>
/// <param name="Snippet">A piece of the passage on one line.</param>
/// <param name="Sha256">Of the content that was indexed, 64 hex digits.</param>
/// <param name="Size">Bytes of the file when it was found.</param>
/// <param name="ModifiedAt">When the file was written.</param>
public sealed record SearchHit(
    int Rank, double Score, ulong Inode, string Path, int FirstLine, int LastLine, string Heading, Snippet Snippet, string Sha256, ulong Size, Timestamp ModifiedAt)
{
    /// <summary>The last part of the path.</summary>
    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>"12-20".</summary>
    public string Lines => FirstLine == LastLine ? $"{FirstLine}" : $"{FirstLine}-{LastLine}";
}
