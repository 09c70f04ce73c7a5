using System.Text;
using ClawFS.Linux;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>Reads the text of chunks for a model that wants it: the heading path, then the passage as it stands in the file.</summary>
internal sealed class ChunkText(StoredTree tree)
{
    private readonly LocalRequest request = new(0, 0);

    /// <summary>The text; empty when the file cannot be read any more.</summary>
    public string Of(in ChunkPlace place)
    {
        if (place.File is not { } file)
        {
            return "";
        }
        byte[] passage = new byte[place.Chunk.Length];
        int length = tree.Read(request, file.Inode, 0, (ulong)place.Chunk.Start, passage, out int read) == Errno.Ok ? read : 0;
        string text = Encoding.UTF8.GetString(passage, 0, length);
        return place.Chunk.Heading.Length == 0 || length == 0 ? text : $"{place.Chunk.Heading}\n{text}";
    }
}
