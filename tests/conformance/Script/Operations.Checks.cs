using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

internal static partial class Operations
{
    private static void AddChecks(Dictionary<string, Operation> all)
    {
        all["remember"] = Remember;
        all["touched"] = Touched;
        all["same"] = (_, a) => Answer.Of(Of(a[0]).Ino == Of(a[1]).Ino ? "yes" : "no");
        all["ctime-is-now"] = (_, a) => Answer.Of(Near(Of(a[0]).Ctime) ? "yes" : $"no: {Values.Time(Of(a[0]).Ctime)}");
        all["mtime-is-now"] = (_, a) => Answer.Of(Near(Of(a[0]).Mtime) ? "yes" : $"no: {Values.Time(Of(a[0]).Mtime)}");
        all["atime-is-now"] = (_, a) => Answer.Of(Near(Of(a[0]).Atime) ? "yes" : $"no: {Values.Time(Of(a[0]).Atime)}");
        all["sparse"] = (_, a) => Answer.Of(Of(a[0]).Blocks * 512 < Of(a[0]).Size ? "yes" : "no");
    }

    private static Answer Remember(World world, string[] paths)
    {
        foreach (string path in paths)
            world.Remembered[path] = Of(path);
        ClockTick.Wait();
        return Answer.Of("ok");
    }

    // Which of ctime and mtime have grown since "remember"; the name given there may differ (second argument).
    private static Answer Touched(World world, string[] a)
    {
        Stat before = world.Remembered[Optional(a, 1, a[0])];
        Stat after = Of(a[0]);
        List<string> changed = [];
        if (after.Ctime != before.Ctime)
            changed.Add(after.Ctime > before.Ctime ? "ctime" : "ctime-back");
        if (after.Mtime != before.Mtime)
            changed.Add(after.Mtime > before.Mtime ? "mtime" : "mtime-back");
        return Answer.Of(changed.Count == 0 ? "nothing" : string.Join('+', changed));
    }

    private static Stat Of(string path)
    {
        Stat.Of(path, follow: false, out Stat stat).Must($"stat {path}");
        return stat;
    }

    private static bool Near(Int128 time)
    {
        long now = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100;
        return time > now - 60_000_000_000L && time < now + 1_000_000_000L;
    }
}
