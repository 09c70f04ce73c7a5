using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

internal static partial class Operations
{
    private const uint Socket = 0xC000, Regular = 0x8000, Block = 0x6000, Character = 0x2000, Fifo = 0x1000;

    private static void AddNames(Dictionary<string, Operation> all)
    {
        all["mkdir"] = (_, a) => Answer.Of(Sys.MkDir(a[0], Values.Mode(Optional(a, 1, "0755"))));
        all["rmdir"] = (_, a) => Answer.Of(Sys.RmDir(a[0]));
        all["unlink"] = (_, a) => Answer.Of(Sys.Unlink(a[0]));
        all["link"] = (_, a) => Answer.Of(Sys.Link(a[0], a[1], Values.Flags(Optional(a, 2, "0"))));
        all["linkfd"] = (w, a) => Answer.Of(Sys.LinkFd(w.Fd(a[0]), a[1]));
        all["symlink"] = (_, a) => Answer.Of(Sys.SymLink(a[0], a[1]));
        all["readlink"] = (_, a) => Answer.Of(Sys.ReadLink(a[0], out string target), () => target);
        all["rename"] = (_, a) => Answer.Of(Sys.Rename(a[0], a[1], (uint)Values.Flags(Optional(a, 2, "0"))));
        all["mknod"] = (_, a) => Answer.Of(Make(a[0], a[1], Values.Mode(Optional(a, 2, "0644"))));
        all["make"] = (_, a) => Answer.Of(MakeAny(a[0], a[1]));
        all["chdir"] = (_, a) => Answer.Of(Sys.ChDir(a[0]));
        all["umask"] = (_, a) => Answer.Of(new Reply(Sys.Umask(Values.Mode(a[0])), null));
        all["ls"] = (_, a) => Answer.Of(string.Join(' ', DirectoryStream.Names(Optional(a, 0, "."))));
    }

    private static Reply Make(string type, string path, uint mode) => type switch
    {
        "fifo" => Sys.MkNod(path, Fifo | mode),
        "socket" => Sys.MkNod(path, Socket | mode),
        "char" => Sys.MkNod(path, Character | mode, 1, 3),
        "block" => Sys.MkNod(path, Block | mode, 7, 200),
        "file" => Sys.MkNod(path, Regular | mode),
        _ => throw new FormatException($"unknown type {type}"),
    };

    // A node of any type; "symlink" leads to a file beside it, "dangling" nowhere, "full" is a folder with a file in it.
    private static Reply MakeAny(string type, string path)
    {
        switch (type)
        {
            case "dir":
                return Sys.MkDir(path, 0b111_101_101);
            case "full":
                Sys.MkDir(path, 0b111_101_101).Must("mkdir");
                return Make("file", path + "/inside", 0b110_100_100);
            case "symlink":
                Make("file", path + ".target", 0b110_100_100).Must("mknod");
                return Sys.SymLink(path[(path.LastIndexOf('/') + 1)..] + ".target", path);
            case "dangling":
                return Sys.SymLink("nowhere", path);
            default:
                return Make(type, path, 0b110_100_100);
        }
    }
}
