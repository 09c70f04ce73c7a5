using System.Globalization;
using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

/// <summary>Numbers and flags as tables write them: octal with a leading 0, hexadecimal with 0x, K M G T as powers of 1024.</summary>
internal static class Values
{
    private static readonly Dictionary<string, int> s_flags = new()
    {
        ["O_RDONLY"] = Sys.RdOnly, ["O_WRONLY"] = Sys.WrOnly, ["O_RDWR"] = Sys.RdWr, ["O_CREAT"] = Sys.Creat, ["O_EXCL"] = Sys.Excl,
        ["O_TRUNC"] = Sys.Trunc, ["O_APPEND"] = Sys.Append, ["O_NONBLOCK"] = Sys.NonBlock, ["O_DIRECTORY"] = Sys.Directory,
        ["O_NOFOLLOW"] = Sys.NoFollow, ["O_TMPFILE"] = Sys.TmpFile, ["O_PATH"] = Sys.PathOnly, ["O_SYNC"] = Sys.Sync,
        ["NOREPLACE"] = (int)Sys.NoReplace, ["EXCHANGE"] = (int)Sys.Exchange, ["WHITEOUT"] = (int)Sys.WhiteOut,
        ["CREATE"] = Sys.XattrCreate, ["REPLACE"] = Sys.XattrReplace,
        ["SET"] = Sys.SeekSet, ["CUR"] = Sys.SeekCur, ["END"] = Sys.SeekEnd, ["DATA"] = Sys.SeekData, ["HOLE"] = Sys.SeekHole,
        ["KEEP_SIZE"] = Sys.KeepSize, ["PUNCH"] = Sys.PunchHole, ["ZERO"] = Sys.ZeroRange,
        ["R"] = 4, ["W"] = 2, ["X"] = 1, ["F"] = 0, ["FOLLOW"] = Sys.SymlinkFollow,
    };

    public static int Flags(string text) => text.Split('|').Aggregate(0, (sum, part) =>
        sum | (s_flags.TryGetValue(part, out int flag) ? flag : (int)Number(part)));

    public static long Number(string text)
    {
        if (text.StartsWith('-'))
            return -Number(text[1..]);
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        int unit = "KMGT".IndexOf(text[^1]);
        if (unit >= 0)
            return Number(text[..^1]) << 10 * (unit + 1);
        return text.Length > 1 && text[0] == '0' ? Convert.ToInt64(text, 8) : long.Parse(text, CultureInfo.InvariantCulture);
    }

    public static uint Mode(string text) => (uint)Number(text);

    /// <summary>A uid or gid; "-" leaves it alone (-1).</summary>
    public static uint Id(string text) => text == "-" ? uint.MaxValue : (uint)Number(text);

    /// <summary>"now", "omit" or "seconds[.nanoseconds]" as a timespec.</summary>
    public static (long Seconds, long Nanoseconds) Time(string text)
    {
        if (text is "now" or "omit")
            return (0, text == "now" ? Sys.TimeNow : Sys.TimeOmit);
        string[] parts = text.Split('.');
        return (long.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
    }

    public static string Time(Int128 nanoseconds)
    {
        const long Billion = 1_000_000_000;
        long rest = (long)(((nanoseconds % Billion) + Billion) % Billion);
        long seconds = (long)((nanoseconds - rest) / Billion);
        return rest == 0 ? $"{seconds}" : $"{seconds}.{rest:D9}";
    }
}
