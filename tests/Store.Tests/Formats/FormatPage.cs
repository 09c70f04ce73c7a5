using System.Text;

namespace ClawFS.Store.Tests.Formats;

/// <summary>docs/storage-format.md: a vector is the indented hex behind the line that begins with its name in bold.</summary>
internal static class FormatPage
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository(), "docs", "storage-format.md"));

    public static byte[] Vector(string name)
    {
        int at = Array.FindIndex(Lines, line => line.StartsWith($"**{name}**:", StringComparison.Ordinal));
        Assert.True(at >= 0, $"docs/storage-format.md has no vector \"{name}\"");
        var hex = new StringBuilder();
        foreach (string line in Lines.Skip(at + 2).TakeWhile(static line => line.StartsWith("    ", StringComparison.Ordinal)))
            hex.Append(line.Trim());
        return Convert.FromHexString(hex.ToString());
    }

    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ClawOS.sln")) && !Directory.Exists(Path.Combine(folder, "docs")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests do not run from within the repository");
    }
}
