using System.IO.Compression;
using System.Text;
using ClawFS.Search.Text;

namespace ClawOS.Bench.Retrieval;

/// <summary>Passages of 110 words from the documentation that is installed on this machine: the same ones as long as that does not change.</summary>
internal static class UnrelatedPassages
{
    private const int Words = 110;
    private const int PerFile = 12;
    private const int MaxFileBytes = 1 << 20;

    private static readonly string[] Folders = ["/usr/share/doc", "/usr/share/man", "/usr/share/dotnet/packs", "/usr/lib/dotnet/packs"];

    /// <returns>At most <paramref name="count"/> passages; fewer when the machine has no more text.</returns>
    internal static List<string> Read(int count)
    {
        List<string> passages = [];
        IEnumerable<string> files = Folders.Where(Directory.Exists)
            .SelectMany(static folder => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint }));

        // Ordered by a hash of the path, so that a few thousand passages come from everywhere.
        foreach (string file in files.OrderBy(static file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(file))), StringComparer.Ordinal))
        {
            if (passages.Count >= count)
                break;
            if (Content(file) is { } text)
                passages.AddRange(Cut(text).Take(Math.Min(PerFile, count - passages.Count)));
        }

        return passages;
    }

    private static byte[]? Content(string file)
    {
        using FileStream stream = File.OpenRead(file);
        using Stream content = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        byte[] bytes = new byte[MaxFileBytes];
        int length = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        string name = Path.GetFileName(file.EndsWith(".gz", StringComparison.Ordinal) ? file[..^3] : file);
        return TextDetection.Detect(name, bytes.AsSpan(0, Math.Min(length, TextDetection.HeadBytes))).Kind == TextKind.None ? null : bytes[..length];
    }

    private static IEnumerable<string> Cut(byte[] text) => Encoding.UTF8.GetString(text)
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Chunk(Words)
        .Where(static words => words.Length == Words)
        .Select(static words => string.Join(' ', words));
}
