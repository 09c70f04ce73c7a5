using System.Text;
using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

internal static partial class Operations
{
    private static void AddFiles(Dictionary<string, Operation> all)
    {
        all["open"] = (_, a) => Answer.Opened(Sys.Open(a[0], Values.Flags(a[1]), Values.Mode(Optional(a, 2, "0644"))));
        all["close"] = (w, a) => Answer.Of(w.Close(a[0]));
        all["read"] = (w, a) => Reading(int.Parse(a[1]), buffer => Sys.Read(w.Fd(a[0]), buffer));
        all["pread"] = (w, a) => Reading(int.Parse(a[2]), buffer => Sys.PRead(w.Fd(a[0]), buffer, Values.Number(a[1])));
        all["write"] = (w, a) => Answer.Of(Sys.Write(w.Fd(a[0]), Bytes(a[1])));
        all["pwrite"] = (w, a) => Answer.Of(Sys.PWrite(w.Fd(a[0]), Bytes(a[2]), Values.Number(a[1])));
        all["lseek"] = (w, a) => Answer.Of(Sys.LSeek(w.Fd(a[0]), Values.Number(a[1]), Values.Flags(a[2])));
        all["fsync"] = (w, a) => Answer.Of(Sys.FSync(w.Fd(a[0])));
        all["fdatasync"] = (w, a) => Answer.Of(Sys.FDataSync(w.Fd(a[0])));
        all["ftruncate"] = (w, a) => Answer.Of(Sys.FTruncate(w.Fd(a[0]), Values.Number(a[1])));
        all["truncate"] = (_, a) => Answer.Of(Sys.Truncate(a[0], Values.Number(a[1])));
        all["fallocate"] = (w, a) => Answer.Of(Sys.FAllocate(w.Fd(a[0]), Values.Flags(a[1]), Values.Number(a[2]), Values.Number(a[3])));
        all["copyrange"] = (w, a) => Answer.Of(Sys.CopyFileRange(
            w.Fd(a[0]), Values.Number(a[1]), w.Fd(a[2]), Values.Number(a[3]), Values.Number(a[4])));
        all["put"] = (_, a) => Put(a[0], Bytes(Optional(a, 1, "")), Sys.Trunc);
        all["append"] = (_, a) => Put(a[0], Bytes(a[1]), Sys.Append);
        all["get"] = (_, a) => Get(a[0]);
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static Answer Reading(int count, Func<byte[], Reply> read)
    {
        byte[] buffer = new byte[count];
        Reply reply = read(buffer);
        return Answer.Of(reply, () => Encoding.Latin1.GetString(buffer, 0, (int)reply.Value).Replace('\0', '.'));
    }

    private static Answer Put(string path, byte[] data, int flags)
    {
        Reply opened = Sys.Open(path, Sys.WrOnly | Sys.Creat | flags, 0b110_100_100);
        if (opened.Failed)
            return Answer.Of(opened);
        Reply written = Sys.Write((int)opened.Value, data);
        Reply closed = Sys.Close((int)opened.Value);
        return Answer.Of(written.Failed ? written : closed);
    }

    // Zero bytes are shown as dots.
    private static Answer Get(string path)
    {
        Reply opened = Sys.Open(path, Sys.RdOnly);
        if (opened.Failed)
            return Answer.Of(opened);
        Answer answer = Reading(4096, buffer => Sys.Read((int)opened.Value, buffer));
        Sys.Close((int)opened.Value);
        return answer;
    }
}
