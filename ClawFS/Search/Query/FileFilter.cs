using ClawFS.Search.Index;

namespace ClawFS.Search.Query;

/// <summary>Which chunks a question's conditions admit.</summary>
internal static class FileFilter
{
    /// <summary>A bit a chunk, lowest first; null when the question has no conditions.</summary>
    /// <param name="query">The question.</param>
    /// <param name="state">The files.</param>
    /// <param name="folders">Where folders lie.</param>
    /// <param name="top">Inode of memory/.</param>
    public static ulong[]? Make(SearchQuery query, IndexState state, FolderMap folders, ulong top)
    {
        if (!query.HasConditions)
        {
            return null;
        }
        ulong[] allowed = new ulong[(state.Chunks.Count + 63) / 64];
        Places? places = query.Paths.Count == 0 ? null : new Places(query.Paths, folders, top);
        foreach (IndexedFile file in state.Files)
        {
            if (file.ChunkCount > 0 && Admits(query, file) && AdmitsPlace(query, file, places))
            {
                for (uint chunk = file.FirstChunk; chunk < file.FirstChunk + (uint)file.ChunkCount && chunk / 64 < allowed.Length; chunk++)
                {
                    allowed[chunk / 64] |= 1UL << (int)(chunk % 64);
                }
            }
        }
        return allowed;
    }

    private static bool Admits(SearchQuery query, IndexedFile file)
    {
        DateTimeOffset written = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(file.Mtime.Seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
        return (query.After is not { } after || written >= after)
            && (query.Before is not { } before || written < before)
            && (query.Tags.Count == 0 || HasTags(file.Tags, query.Tags));
    }

    private static bool HasTags(string tags, IReadOnlyList<string> wanted)
    {
        string[] have = tags.Split((char[])[' ', ',', ';', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return wanted.All(tag => have.Contains(tag, StringComparer.OrdinalIgnoreCase));
    }

    private static bool AdmitsPlace(SearchQuery query, IndexedFile file, Places? places) =>
        (places is null || places.Admit(file.Folder, file.Name))
        && (query.Types.Count == 0 || query.Types.Any(type => file.Name.EndsWith("." + type, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The folders below the wanted paths, and the wanted paths that are files: a folder and a name.</summary>
    private sealed class Places
    {
        private readonly HashSet<ulong> below;
        private readonly HashSet<(ulong Folder, string Name)> files = [];

        public Places(IReadOnlyList<string> paths, FolderMap folders, ulong top)
        {
            List<ulong> tops = [];
            foreach (string path in paths)
            {
                tops.AddRange(folders.Find(top, path));
                int slash = path.LastIndexOf('/');
                foreach (ulong above in folders.Find(top, path[..Math.Max(slash, 0)]))
                {
                    files.Add((above, path[(slash + 1)..]));
                }
            }
            below = folders.Below(tops);
        }

        public bool Admit(ulong folder, string name) => below.Contains(folder) || files.Contains((folder, name));
    }
}
