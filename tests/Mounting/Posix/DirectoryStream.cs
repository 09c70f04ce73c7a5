using System.Runtime.InteropServices;
using System.Text;

namespace ClawOS.Mounting.Posix;

/// <summary>opendir(3) with its positions.</summary>
public sealed class DirectoryStream : IDisposable
{
    private nint _dir;

    public DirectoryStream(string path)
    {
        _dir = Native.OpenDir(PathBytes.Z(path));
        if (_dir == 0)
            Reply.Of(-1).Must($"opendir {path}");
    }

    /// <summary>DT_* of the name that <see cref="Next"/> gave last.</summary>
    public uint LastType { get; private set; }
    public ulong LastInode { get; private set; }

    public long Position => Native.TellDir(_dir);
    public void Seek(long position) => Native.SeekDir(_dir, position);
    public void Rewind() => Native.RewindDir(_dir);

    /// <summary>The next name, "." and ".." included, or null at the end.</summary>
    public string? Next()
    {
        nint entry = Native.ReadDir(_dir);
        if (entry == 0)
            return null;
        // struct dirent64: ino 8, off 8, reclen 2, type 1, name.
        LastInode = (ulong)Marshal.ReadInt64(entry);
        LastType = Marshal.ReadByte(entry, 18);
        int length = 0;
        while (Marshal.ReadByte(entry, 19 + length) != 0)
            length++;
        byte[] name = new byte[length];
        Marshal.Copy(entry + 19, name, 0, length);
        return Encoding.Latin1.GetString(name);
    }

    /// <summary>Every remaining name without "." and "..".</summary>
    public IEnumerable<string> Rest()
    {
        while (Next() is { } name)
        {
            if (name is not ("." or ".."))
                yield return name;
        }
    }

    /// <summary>All names of a folder, sorted bytewise.</summary>
    public static string[] Names(string path)
    {
        using DirectoryStream stream = new(path);
        string[] names = [.. stream.Rest()];
        Array.Sort(names, string.CompareOrdinal);
        return names;
    }

    public void Dispose()
    {
        if (_dir != 0)
            Native.CloseDir(_dir);
        _dir = 0;
    }
}
