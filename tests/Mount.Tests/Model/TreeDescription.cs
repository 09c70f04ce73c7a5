using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Model;

/// <summary>A whole tree as lines: what two equal trees have in common, link groups included.</summary>
internal static class TreeDescription
{
    public static List<string> Of(ModelSide side)
    {
        List<string> lines = [];
        Dictionary<ulong, string> first = [];
        Walk(side, ".", lines, first);
        return lines;
    }

    private static void Walk(ModelSide side, string folder, List<string> lines, Dictionary<ulong, string> first)
    {
        foreach (string name in DirectoryStream.Names(side.At(folder)))
        {
            string path = $"{folder}/{name}";
            Stat.Of(side.At(path), follow: false, out Stat stat).Must($"stat {path}");
            string same = "";
            if (stat.Nlink > 1 && stat.Type != "dir" && !first.TryAdd(stat.Ino, path))
                same = " = " + first[stat.Ino];
            lines.Add($"{path}: {ModelSide.Describe(stat)}{same} {Inside(side, path, stat)}");
            if (stat.Type == "dir")
                Walk(side, path, lines, first);
        }
    }

    private static string Inside(ModelSide side, string path, Stat stat)
    {
        switch (stat.Type)
        {
            case "file":
                return side.WithOpen(path, Sys.RdOnly, fd => ModelSide.Content(fd, 0, (int)stat.Size + 1)) + OperationGenerator.Attributes(side.At(path));
            case "symlink":
                Sys.ReadLink(side.At(path), out string target);
                return target;
            case "dir":
                return OperationGenerator.Attributes(side.At(path));
            default:
                return "";
        }
    }
}
