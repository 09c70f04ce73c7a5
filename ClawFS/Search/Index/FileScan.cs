using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ClawFS.Linux;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search.Index;

/// <summary>Reads a stored file and takes it apart. For one thread at a time.</summary>
/// <param name="tree">The store.</param>
/// <param name="terms">Where new terms get their numbers.</param>
internal sealed class FileScan(StoredTree tree, TermTable terms)
{
    private const int Piece = 1 << 20;

    private readonly LocalRequest request = new(0, 0);
    private readonly TermCollector collector = new(terms);

    /// <summary>The chunks of the last file that <see cref="Read"/> took apart.</summary>
    public List<Chunk> Chunks { get; } = [];

    /// <summary>Their terms.</summary>
    public List<ChunkTerms> ChunkTerms { get; } = [];

    /// <summary>The attributes of a file without its content; null when it is gone, no regular file, or not below <paramref name="top"/>.</summary>
    /// <param name="inode">The file.</param>
    /// <param name="top">First part of the paths that are indexed, "memory".</param>
    public IndexedFile? Stat(ulong inode, ReadOnlySpan<byte> top)
    {
        if (tree.GetAttr(request, inode, 0, out Attr attr, out _) != Errno.Ok || !FileMode.IsRegular(attr.Mode) || attr.Nlink == 0
            || !tree.TryGetPath(inode, out byte[] path, out ulong folder))
        {
            return null;
        }
        bool below = path.Length > top.Length && path[top.Length] == '/' && path.AsSpan().StartsWith(top);
        return below && IndexedNames.Admits(path)
            ? new IndexedFile { Inode = inode, Folder = folder, Name = NameIn(path), Ctime = attr.Ctime, Mtime = attr.Mtime, Size = attr.Size, Tags = ReadTags(inode) }
            : null;
    }

    /// <summary>Reads the content: the file comes back with its hash and kind, or with the reason why it is left out.</summary>
    /// <param name="file">From <see cref="Stat"/>.</param>
    /// <param name="known">What is known of it: when name and content are the same it comes back with the new attributes, and there are no chunks.</param>
    /// <param name="maxBytes">Larger files are left out.</param>
    public IndexedFile Read(IndexedFile file, IndexedFile? known, int maxBytes)
    {
        Chunks.Clear();
        ChunkTerms.Clear();
        if (file.Size > (ulong)maxBytes)
        {
            return file with { Skipped = $"larger than {maxBytes} bytes" };
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)file.Size + 1);
        try
        {
            if (!TryReadAll(file.Inode, buffer, maxBytes, out int length, out Errno error))
            {
                return file with { Skipped = error == Errno.Ok ? "grows while it is read" : $"not readable ({error})" };
            }
            ReadOnlySpan<byte> content = buffer.AsSpan(0, length);
            (TextKind kind, string reason) = TextDetection.Detect(file.Name, content[..Math.Min(length, TextDetection.HeadBytes)]);
            if (kind == TextKind.None)
            {
                return file with { Skipped = reason };
            }
            byte[] sha = SHA256.HashData(content);
            file = file with { Size = (ulong)length, Kind = kind, Sha256 = sha };
            if (known is { Skipped: null } && known.Kind == kind && known.Name == file.Name && known.Sha256.AsSpan().SequenceEqual(sha))
            {
                return file;
            }
            TakeApart(content, kind, Encoding.UTF8.GetBytes(file.Name));
            return file;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer.AsSpan(0, (int)Math.Min(file.Size + 1, (ulong)buffer.Length)));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void TakeApart(ReadOnlySpan<byte> content, TextKind kind, ReadOnlySpan<byte> name)
    {
        Chunker.Split(content, kind, Chunks);
        foreach (Chunk chunk in Chunks)
        {
            ChunkTerms.Add(collector.Read(content.Slice((int)chunk.Start, chunk.Length), chunk, kind, name));
        }
    }

    private bool TryReadAll(ulong inode, byte[] buffer, int maxBytes, out int length, out Errno error)
    {
        for (length = 0; ;)
        {
            error = tree.Read(request, inode, 0, (ulong)length, buffer.AsSpan(length, Math.Min(Piece, buffer.Length - length)), out int count);
            if (error != Errno.Ok)
            {
                return false;
            }
            if (count == 0)
            {
                return length <= maxBytes;
            }
            length += count;
            if (length == buffer.Length)
            {
                return false;
            }
        }
    }

    private static string NameIn(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path[(path.LastIndexOf((byte)'/') + 1)..]);

    private string ReadTags(ulong inode)
    {
        Span<byte> value = stackalloc byte[1024];
        return tree.GetXattr(request, inode, "user.claw.tags"u8, value, out int length) == Errno.Ok ? Encoding.UTF8.GetString(value[..Math.Min(length, value.Length)]) : "";
    }
}
