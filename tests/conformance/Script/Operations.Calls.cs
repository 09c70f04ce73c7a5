using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

internal static partial class Operations
{
    /// <summary>"call NAME PATH": every system call that takes a path in one shape, for rows about the path alone. A second path is "other".</summary>
    private static void AddCalls(Dictionary<string, Operation> all) => all["call"] = (_, a) => a[0] switch
    {
        "open" => Answer.Opened(Sys.Open(a[1], Sys.RdOnly)),
        "creat" => Answer.Opened(Sys.Open(a[1], Sys.WrOnly | Sys.Creat | Sys.Excl, 0b110_100_100)),
        "opendir" => Answer.Opened(Sys.Open(a[1], Sys.RdOnly | Sys.Directory)),
        "mkdir" => Answer.Of(Sys.MkDir(a[1], 0b111_101_101)),
        "rmdir" => Answer.Of(Sys.RmDir(a[1])),
        "unlink" => Answer.Of(Sys.Unlink(a[1])),
        "link-from" => Answer.Of(Sys.Link(a[1], "linked")),
        "link-to" => Answer.Of(Sys.Link("other", a[1])),
        "symlink" => Answer.Of(Sys.SymLink("target", a[1])),
        "readlink" => Answer.Of(Sys.ReadLink(a[1], out string _)),
        "rename-from" => Answer.Of(Sys.Rename(a[1], "renamed")),
        "rename-to" => Answer.Of(Sys.Rename("other", a[1])),
        "mkfifo" => Answer.Of(Make("fifo", a[1], 0b110_100_100)),
        "chdir" => Answer.Of(Sys.ChDir(a[1])),
        "chmod" => Answer.Of(Sys.ChMod(a[1], 0b110_100_100)),
        "chown" => Answer.Of(Sys.ChOwn(a[1], 0, 0)),
        "lchown" => Answer.Of(Sys.LChOwn(a[1], 0, 0)),
        "truncate" => Answer.Of(Sys.Truncate(a[1], 0)),
        "utimens" => Answer.Of(Sys.UTimes(a[1], [])),
        "access" => Answer.Of(Sys.Access(a[1], 0)),
        "stat" => Answer.Of(Stat.Of(a[1], follow: true, out Stat _)),
        "setxattr" => Answer.Of(Sys.SetXattr(a[1], "user.a", [1])),
        "getxattr" => Answer.Of(Sys.GetXattr(a[1], "user.a", new byte[10])),
        "listxattr" => Answer.Of(Sys.ListXattr(a[1], new byte[10])),
        "removexattr" => Answer.Of(Sys.RemoveXattr(a[1], "user.a")),
        var name => throw new FormatException($"unknown call {name}"),
    };
}
