using System.Text;
using ClawOS.Bench.Hnsw.Data;

namespace ClawOS.Bench.Search;

/// <summary>Real documentation as files: pages of Debian's packages, in the order of their paths.</summary>
internal sealed class TextTree(RealText text)
{
    private static readonly string[] s_kinds = [".html", ".pod", ".txt", ".md", ".rst", ".h", ".c"];

    private readonly List<FileInfo> files =
        [.. new DirectoryInfo(text.Tree()).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(static file => s_kinds.Contains(file.Extension) && file.LinkTarget is null && file.Length > 0).OrderBy(static file => file.FullName, StringComparer.Ordinal)];

    /// <summary>The files from one on whose sizes sum up to so many bytes.</summary>
    public IReadOnlyList<FileInfo> Part(int first, long bytes)
    {
        int count = 0;
        for (long sum = 0; first + count < files.Count && sum < bytes; count++)
            sum += files[first + count].Length;
        return files.GetRange(first, count);
    }

    /// <summary>Copies files to a folder, a hundred in each of its folders.</summary>
    public static void Copy(IReadOnlyList<FileInfo> part, string target)
    {
        for (int i = 0; i < part.Count; i++)
        {
            string folder = Path.Combine(target, $"part{i / 100:d4}");
            if (i % 100 == 0)
                Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, $"{i:d6}-{part[i].Name}"), File.ReadAllBytes(part[i].FullName));
        }
    }

    /// <summary>Questions of three to six words that stand together in the text.</summary>
    public static string[] Questions(IReadOnlyList<FileInfo> part, int count, Random random)
    {
        List<string> questions = [];
        while (questions.Count < count)
        {
            byte[] bytes = File.ReadAllBytes(part[random.Next(part.Count)].FullName);
            int at = random.Next(bytes.Length);
            string[] words = [.. Encoding.UTF8.GetString(bytes, at, Math.Min(400, bytes.Length - at)).Split([' ', '\n', '.', ','], StringSplitOptions.RemoveEmptyEntries)
                .Where(static word => word.Length is > 2 and < 20 && word.All(char.IsAsciiLetter))];
            int length = random.Next(3, 7);
            if (words.Length >= length)
                questions.Add(string.Join(' ', words.Take(length)));
        }

        return [.. questions.Distinct(StringComparer.Ordinal)];
    }
}
