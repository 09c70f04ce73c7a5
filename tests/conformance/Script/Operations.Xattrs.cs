using System.Text;
using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

internal static partial class Operations
{
    private static void AddXattrs(Dictionary<string, Operation> all)
    {
        all["setxattr"] = (_, a) => Answer.Of(Sys.SetXattr(a[0], a[1], Bytes(a[2]), Values.Flags(Optional(a, 3, "0"))));
        all["lsetxattr"] = (_, a) => Answer.Of(Sys.SetXattr(a[0], a[1], Bytes(a[2]), Values.Flags(Optional(a, 3, "0")), follow: false));
        all["fsetxattr"] = (w, a) => Answer.Of(Sys.FSetXattr(w.Fd(a[0]), a[1], Bytes(a[2]), Values.Flags(Optional(a, 3, "0"))));
        all["getxattr"] = (_, a) => GetXattr(a, follow: true);
        all["lgetxattr"] = (_, a) => GetXattr(a, follow: false);
        all["removexattr"] = (_, a) => Answer.Of(Sys.RemoveXattr(a[0], a[1]));
        all["listxattr"] = (_, a) => a.Length > 1
            ? Answer.Of(Sys.ListXattr(a[0], new byte[int.Parse(a[1])]))
            : Answer.Of(Sys.ListXattr(a[0], out string[] names), () => string.Join(' ', names.Where(n => !n.StartsWith("security.", StringComparison.Ordinal))));
    }

    // With a third argument the answer is the length that a buffer of that size gives.
    private static Answer GetXattr(string[] a, bool follow)
    {
        byte[] buffer = new byte[a.Length > 2 ? int.Parse(a[2]) : 65536];
        Reply reply = Sys.GetXattr(a[0], a[1], buffer, follow);
        return a.Length > 2 ? Answer.Of(reply) : Answer.Of(reply, () => Encoding.Latin1.GetString(buffer, 0, (int)reply.Value));
    }
}
