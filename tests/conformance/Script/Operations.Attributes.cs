using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

internal static partial class Operations
{
    private static void AddAttributes(Dictionary<string, Operation> all)
    {
        all["chmod"] = (_, a) => Answer.Of(Sys.ChMod(a[0], Values.Mode(a[1])));
        all["fchmod"] = (w, a) => Answer.Of(Sys.FChMod(w.Fd(a[0]), Values.Mode(a[1])));
        all["chown"] = (_, a) => Answer.Of(Sys.ChOwn(a[0], Values.Id(a[1]), Values.Id(a[2])));
        all["lchown"] = (_, a) => Answer.Of(Sys.LChOwn(a[0], Values.Id(a[1]), Values.Id(a[2])));
        all["fchown"] = (w, a) => Answer.Of(Sys.FChOwn(w.Fd(a[0]), Values.Id(a[1]), Values.Id(a[2])));
        all["access"] = (_, a) => Answer.Of(Sys.Access(a[0], Values.Flags(a[1])));
        all["utimens"] = (_, a) => Answer.Of(Sys.UTimes(a[0], Times(a, 1)));
        all["lutimens"] = (_, a) => Answer.Of(Sys.UTimes(a[0], Times(a, 1), follow: false));
        all["futimens"] = (w, a) => Answer.Of(Sys.FUTimes(w.Fd(a[0]), Times(a, 1)));
        all["stat"] = (_, a) => Answer.Of(Stat.Of(a[0], follow: false, out Stat stat), () => Field(stat, Optional(a, 1, "type")));
        all["statf"] = (_, a) => Answer.Of(Stat.Of(a[0], follow: true, out Stat stat), () => Field(stat, Optional(a, 1, "type")));
        all["fstat"] = (w, a) => Answer.Of(Stat.Of(w.Fd(a[0]), out Stat stat), () => Field(stat, a[1]));
    }

    // No times at all is utimensat with a null pointer.
    private static long[] Times(string[] a, int at)
    {
        if (a.Length <= at)
            return [];
        (long atime, long atimeRest) = Values.Time(a[at]);
        (long mtime, long mtimeRest) = Values.Time(a[at + 1]);
        return [atime, atimeRest, mtime, mtimeRest];
    }

    private static string Field(Stat stat, string name) => name switch
    {
        "type" => stat.Type,
        "mode" => "0" + Convert.ToString(stat.Permissions, 8).PadLeft(3, '0'),
        "nlink" => $"{stat.Nlink}",
        "uid" => $"{stat.Uid}",
        "gid" => $"{stat.Gid}",
        "owner" => $"{stat.Uid}:{stat.Gid}",
        "size" => $"{stat.Size}",
        "blocks" => $"{stat.Blocks}",
        "rdev" => $"{stat.Rdev >> 8}:{stat.Rdev & 0xFF}",
        "atime" => Values.Time(stat.Atime),
        "mtime" => Values.Time(stat.Mtime),
        _ => throw new FormatException($"unknown field {name}"),
    };
}
