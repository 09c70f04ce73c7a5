using ClawFS.Vfs;

namespace ClawOS.Cli.Stores;

/// <summary>Copies files between a closed store and this machine: content and folders; owners, modes and times stay behind.</summary>
internal static class StoreCopy
{
    /// <summary>Copies one file's content to a stream.</summary>
    internal static void CopyFile(StorePaths paths, string path, Stream output)
    {
        (ulong node, Attr attr) = paths.Find(path);
        if (attr.IsDirectory)
        {
            throw new CliException(ExitCodes.Failed, $"{path}: is a folder; claw fs get copies folders");
        }

        paths.Read(node, path, output);
    }

    /// <summary>Copies a file or folder out.</summary>
    internal static void Out(StorePaths paths, string path, string target)
    {
        if (Path.Exists(target))
        {
            throw new CliException(ExitCodes.Failed, $"{target}: exists already; name a new one");
        }

        (ulong node, Attr attr) = paths.Find(path);
        CopyOut(paths, node, attr, path, target);
    }

    /// <summary>Copies a file or folder in.</summary>
    internal static void In(StorePaths paths, string source, string path)
    {
        if (!Directory.Exists(source))
        {
            using FileStream input = File.OpenRead(source);
            paths.Write(path, input);
            return;
        }

        foreach (string child in Directory.EnumerateFileSystemEntries(source).Order(StringComparer.Ordinal))
        {
            In(paths, child, path.TrimEnd('/') + "/" + Path.GetFileName(child));
        }
    }

    private static void CopyOut(StorePaths paths, ulong node, Attr attr, string path, string target)
    {
        const uint TypeMask = 0xF000, Link = 0xA000, Regular = 0x8000;
        if (attr.IsDirectory)
        {
            Directory.CreateDirectory(target);
            foreach (StoredName name in paths.List(node, path))
            {
                CopyOut(paths, name.Node, name.Attr, path.TrimEnd('/') + "/" + name.Name, Path.Combine(target, name.Name));
            }
        }
        else if ((attr.Mode & TypeMask) == Link)
        {
            File.CreateSymbolicLink(target, paths.ReadLink(node, path));
        }
        else if ((attr.Mode & TypeMask) == Regular)
        {
            using FileStream output = new(target, System.IO.FileMode.CreateNew);
            paths.Read(node, path, output);
        }
        else
        {
            Terminal.Out.Warn($"{path}: is a pipe, socket or device and is left out");
        }
    }
}
