using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ClawOS.Security.Policy;

namespace ClawOS.Security.AppArmor;

/// <summary>One line of the kernel's log: AppArmor has refused something, or in complain mode has let it pass that the profile does not allow.</summary>
/// <param name="Profile">The profile, "claw.coder.0123456789ab".</param>
/// <param name="Operation">What the kernel calls it: "open", "exec", "mknod", "rename_src".</param>
/// <param name="Path">The file, without the slash that ends folders; null where it was about something else.</param>
/// <param name="Access">What was missing; none where it was about something else.</param>
/// <param name="Program">The first 15 bytes of the program's name.</param>
/// <param name="Passed">Whether it was let pass.</param>
public sealed partial record Denial(string Profile, string Operation, string? Path, PathAccess Access, string Program, bool Passed)
{
    /// <summary>Reads one line, of dmesg, journalctl, syslog or audit.log; a programs's name and the path in it are whatever the program chose.</summary>
    /// <param name="line">The line.</param>
    /// <returns>Null when it is none of AppArmor's, or about loading profiles.</returns>
    public static Denial? Read(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        Dictionary<string, string> fields = [];
        foreach (Match field in Field().Matches(line))
        {
            // The kernel's own fields come first; what a program could write into a name comes later and never counts.
            fields.TryAdd(field.Groups[1].Value, field.Groups[2].Success ? field.Groups[2].Value : Unhex(field.Groups[3].Value));
        }

        if (!fields.TryGetValue("apparmor", out string? what) || what is not ("DENIED" or "ALLOWED") || !fields.TryGetValue("profile", out string? profile) || !fields.TryGetValue("operation", out string? operation))
        {
            return null;
        }

        string? path = fields.TryGetValue("name", out string? name) && name.StartsWith('/') ? (name.Length > 1 ? name.TrimEnd('/') : name) : null;
        PathAccess access = path is null ? PathAccess.None : AccessOf(fields.GetValueOrDefault("denied_mask", ""));
        return new Denial(profile, operation, path is { Length: 0 } ? "/" : path, access, fields.GetValueOrDefault("comm", ""), what == "ALLOWED");
    }

    /// <summary>Letters of the kernel's mask: r read; w write, a append, c create, d delete, l link; x execute, m map as code. k, a lock, comes with read.</summary>
    private static PathAccess AccessOf(string mask) => mask.Aggregate(PathAccess.None, (sum, letter) => sum | letter switch
    {
        'r' or 'k' => PathAccess.Read,
        'w' or 'a' or 'c' or 'd' or 'l' => PathAccess.Write,
        'x' or 'm' => PathAccess.Execute,
        _ => PathAccess.None,
    });

    /// <summary>The kernel writes a text with unusual characters in hexadecimal, without quotes.</summary>
    private static string Unhex(string text)
    {
        if (text.Length % 2 != 0 || text.Length == 0 || !text.All(char.IsAsciiHexDigit))
        {
            return text;
        }

        byte[] bytes = new byte[text.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = byte.Parse(text.AsSpan(i * 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return Encoding.UTF8.GetString(bytes);
    }

    [GeneratedRegex("""(?:^|\s)([a-z_]+)=(?:"([^"]*)"|(\S+))""")]
    private static partial Regex Field();
}
