using System.Text;
using System.Text.Unicode;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Trees;

/// <summary>What a name in `active/` and `draft/` is: people's editors make others beside the file that is meant.</summary>
internal static class FileNames
{
    /// <summary>Whether a name in `active/` looks like a policy's, be it one or not.</summary>
    public static bool IsPolicy(ReadOnlySpan<byte> name) => name.EndsWith(".toml"u8) && name[0] != '.';

    /// <summary>The policy that a name in `active/` stands for; null for a name that is no policy: without ".toml" at its end, or a dot-name.</summary>
    public static string? PolicyOf(ReadOnlySpan<byte> name)
    {
        if (!Utf8.IsValid(name))
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(name);
        return text.EndsWith(PolicyFile.Extension, StringComparison.Ordinal) && text[0] != '.' ? text[..^PolicyFile.Extension.Length] : null;
    }

    /// <summary>Whether a name in `draft/` is kept: not a dot-name, an editor's backup or probe, and shown in one line.</summary>
    public static bool IsDraft(string name) =>
        name.Length > 0 && name[0] != '.' && name[^1] != '~' && name != "4913" && !name.Contains('/', StringComparison.Ordinal) && !name.Any(char.IsControl);

    /// <summary>Whether one name is what editors call the backup of the other: x.toml~, and where that is taken vim's x.tomz~, x.tomy~ and so on.</summary>
    public static bool IsBackup(ReadOnlySpan<byte> backup, ReadOnlySpan<byte> name) =>
        backup.Length == name.Length + 1 && backup[^1] == '~' && backup.StartsWith(name[..^1]);
}
