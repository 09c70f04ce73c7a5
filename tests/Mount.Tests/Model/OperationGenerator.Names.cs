using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Model;

internal sealed partial class OperationGenerator
{
    private ModelOperation Rename(string path)
    {
        string to = Free();
        uint flags = random.Next(6) switch { 0 => Sys.NoReplace, 1 => Sys.Exchange, _ => 0 };
        return new($"rename {Show(path)} {Show(to)} {flags}", side =>
            $"{Sys.Rename(side.At(path), side.At(to), flags)} {side.Look(path)} {side.Look(to)}");
    }

    private ModelOperation Link(string path)
    {
        string to = Free();
        return new($"link {Show(path)} {Show(to)}", side => $"{Sys.Link(side.At(path), side.At(to))} {side.Look(to)}");
    }

    private ModelOperation Unlink(string path) => new($"unlink {Show(path)}", side => Sys.Unlink(side.At(path)).ToString());

    private ModelOperation MakeFolder(string path)
    {
        uint mode = (uint)random.Next(2) switch { 0 => 0b111_101_101, _ => 0b1_111_111_111 };
        return new($"mkdir {Show(path)}", side => $"{Sys.MkDir(side.At(path), mode)} {side.Look(path)} {side.Look(Parent(path))}");
    }

    private ModelOperation RemoveFolder(string path) => new($"rmdir {Show(path)}", side => $"{Sys.RmDir(side.At(path))} {side.Look(Parent(path))}");

    private ModelOperation SymLink(string path)
    {
        string target = random.Next(4) == 0 ? new string('t', random.Next(1, 3000)) : AnyPath();
        return new($"symlink {Show(target)} {Show(path)}", side =>
        {
            Reply made = Sys.SymLink(target, side.At(path));
            Reply read = Sys.ReadLink(side.At(path), out string back);
            return $"{made} {read} {back} {side.Look(path)}";
        });
    }

    private ModelOperation MakeFifo(string path) => new($"mkfifo {Show(path)}", side => $"{Sys.MkNod(side.At(path), 0x1000 | 0b110_100_000)} {side.Look(path)}");

    private ModelOperation List(string path)
    {
        string folder = Parent(path);
        return new($"list {Show(folder)}", side =>
        {
            Reply opened = Sys.Open(side.At(folder), Sys.RdOnly | Sys.Directory);
            if (opened.Failed)
                return opened.Error!;
            Sys.Close((int)opened.Value);
            return string.Join('|', DirectoryStream.Names(side.At(folder)));
        });
    }

    private static string Parent(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash < 0 ? "." : path[..slash];
    }
}
