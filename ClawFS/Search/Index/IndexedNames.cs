namespace ClawFS.Search.Index;

/// <summary>Which names below memory/ are indexed: not version control's own folders, and not what editors and copying programs make for a moment.</summary>
internal static class IndexedNames
{
    /// <summary>Whether what lies in a folder of this name is looked at.</summary>
    public static bool AdmitsFolder(ReadOnlySpan<byte> name) =>
        !name.SequenceEqual(".git"u8) && !name.SequenceEqual(".hg"u8) && !name.SequenceEqual(".svn"u8) && !name.SequenceEqual(".jj"u8);

    /// <summary>Whether a file of this name is looked at.</summary>
    public static bool AdmitsFile(ReadOnlySpan<byte> name) =>
        !name.EndsWith("~"u8) && !name.EndsWith(".swp"u8) && !name.EndsWith(".swo"u8) && !name.EndsWith(".swx"u8) && !name.SequenceEqual("4913"u8)
        && !name.StartsWith(".#"u8) && !IsPartOfCopy(name);

    /// <summary>Whether a path below memory/ ("memory/a/b.md") is looked at.</summary>
    public static bool Admits(ReadOnlySpan<byte> path)
    {
        while (true)
        {
            int slash = path.IndexOf((byte)'/');
            if (slash < 0)
            {
                return AdmitsFile(path);
            }
            if (!AdmitsFolder(path[..slash]))
            {
                return false;
            }
            path = path[(slash + 1)..];
        }
    }

    /// <summary>rsync writes `.name.XXXXXX` first and renames it.</summary>
    private static bool IsPartOfCopy(ReadOnlySpan<byte> name) =>
        name.Length > 8 && name[0] == '.' && name[^7] == '.' && name[^6..].IndexOfAnyExceptInRange((byte)'0', (byte)'z') < 0;
}
