using System.Globalization;
using System.Text;

namespace ClawFS.Linux;

/// <summary>
/// One line of /proc/self/mountinfo (proc_pid_mountinfo(5)). Reading the table asks nothing of any mounted file system,
/// so it is safe while a mount hangs or its server is dead.
/// </summary>
/// <param name="Device">Major and minor number as "0:57".</param>
/// <param name="MountPoint">Where it is mounted, escapes undone.</param>
/// <param name="Type">The file-system type, like "fuse.clawfs".</param>
/// <param name="Source">What is mounted, as the server named it.</param>
/// <param name="ReadOnly">Whether the mount refuses writes.</param>
public sealed record MountEntry(string Device, string MountPoint, string Type, string Source, bool ReadOnly)
{
    /// <summary>The minor number: the name of this mount under /sys/fs/fuse/connections.</summary>
    public int Minor => int.Parse(Device.AsSpan(Device.IndexOf(':') + 1), CultureInfo.InvariantCulture);

    /// <summary>Reads the mounts that this process sees, in mount order.</summary>
    /// <exception cref="IOException">/proc is not mounted.</exception>
    public static IReadOnlyList<MountEntry> ReadAll() =>
        [.. File.ReadLines("/proc/self/mountinfo").Select(Parse).OfType<MountEntry>()];

    /// <summary>The topmost mount at exactly this folder, or null.</summary>
    /// <param name="mountPoint">An absolute path without links and without a slash at its end.</param>
    public static MountEntry? FindAt(string mountPoint) =>
        ReadAll().LastOrDefault(entry => entry.MountPoint == mountPoint);

    /// <summary>Parses one line; null when it is not one.</summary>
    /// <param name="line">A line as the kernel prints it.</param>
    public static MountEntry? Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);

        // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue: optional fields end at " - ".
        int dash = line.IndexOf(" - ", StringComparison.Ordinal);
        if (dash < 0)
        {
            return null;
        }

        string[] head = line[..dash].Split(' ');
        string[] tail = line[(dash + 3)..].Split(' ');
        if (head.Length < 6 || tail.Length < 2 || !head[2].Contains(':', StringComparison.Ordinal))
        {
            return null;
        }

        bool readOnly = head[5].Split(',').Contains("ro") || (tail.Length > 2 && tail[2].Split(',').Contains("ro"));
        return new MountEntry(head[2], Unescape(head[4]), tail[0], Unescape(tail[1]), readOnly);
    }

    /// <summary>Undoes the kernel's octal escapes (\040 for a space).</summary>
    /// <param name="text">One field of a line.</param>
    public static string Unescape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        byte[] escaped = Encoding.UTF8.GetBytes(text);
        List<byte> plain = new(escaped.Length);
        for (int i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] == '\\' && i + 3 < escaped.Length && escaped.AsSpan(i + 1, 3).IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0)
            {
                plain.Add((byte)(((escaped[i + 1] - '0') << 6) | ((escaped[i + 2] - '0') << 3) | (escaped[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Add(escaped[i]);
            }
        }

        return Encoding.UTF8.GetString([.. plain]);
    }
}
