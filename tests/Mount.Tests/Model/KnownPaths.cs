using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Model;

/// <summary>The names of a tree at one time, by kind, in a fixed order.</summary>
internal sealed record KnownPaths(string[] All, string[] Files, string[] Folders)
{
    public static KnownPaths None { get; } = new([], [], []);

    public static KnownPaths Of(ModelSide side)
    {
        List<string> all = [], files = [], folders = [];
        Walk("");
        return new([.. all], [.. files], [.. folders]);

        void Walk(string folder)
        {
            foreach (string name in DirectoryStream.Names(side.At(folder)))
            {
                string path = folder + name;
                all.Add(path);
                Stat.Of(side.At(path), follow: false, out Stat stat).Must("stat");
                if (stat.Type == "file")
                    files.Add(path);
                if (stat.Type != "dir")
                    continue;
                folders.Add(path);
                Walk(path + "/");
            }
        }
    }
}
