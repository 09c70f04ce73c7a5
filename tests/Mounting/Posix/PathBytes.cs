using System.Text;

namespace ClawOS.Mounting.Posix;

/// <summary>Paths in the tests are strings of characters 0..255, one a byte, so that a name may be any bytes.</summary>
public static class PathBytes
{
    /// <summary>The bytes with the NUL that the kernel wants.</summary>
    internal static byte[] Z(string path)
    {
        byte[] bytes = new byte[path.Length + 1];
        Encoding.Latin1.GetBytes(path, bytes);
        return bytes;
    }

    /// <summary>A UTF-8 path of .NET as such a string.</summary>
    public static string FromText(string path) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(path));
}
