using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Unicode;
using ClawFS.Linux;

namespace ClawFS.Crypto;

/// <summary>A key file: one line of text, "claw-key-1", 32 random bytes in base64, their CRC-32C in 8 hex digits.</summary>
public static class KeyFile
{
    // 10 + 1 + 44 + 1 + 8 + 1 bytes; a line may have blanks around it that an editor left.
    private const int MaxLength = 128;
    private const int Base64Length = 44;

    private static ReadOnlySpan<byte> Magic => "claw-key-1"u8;

    /// <summary>Writes a new random key, mode 0600, durable on return. The folder must exist.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.Exists"/>: a key file is never overwritten.</exception>
    /// <exception cref="LinuxException">The kernel refused; nothing is left behind.</exception>
    public static void Write(string path)
    {
        (string directory, string name) = Split(path);
        using Folder folder = Folder.Open(directory);
        if (folder.Exists(name))
            throw new KeyException(KeyError.Exists, $"{path} exists already; a key file is never overwritten");
        using LockedMemory line = new(MaxLength);
        int length = Format(line.Span);
        using StorageFile file = folder.Open(name, StorageMode.CreateNew);
        try
        {
            file.Write(line.Span[..length], 0);
            file.SyncData();
            folder.Sync();
        }
        catch (LinuxException)
        {
            folder.Delete(name);
            throw;
        }
    }

    /// <summary>Reads a key file.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.Missing"/>, <see cref="KeyError.TooNew"/>, or <see cref="KeyError.Damaged"/>.</exception>
    /// <exception cref="LinuxException">The kernel refused, for example EACCES.</exception>
    public static Credential Read(string path)
    {
        using LockedMemory text = new(MaxLength + 1);
        int length;
        try
        {
            // Secrets are often handed out as symlinks, and a Folder opens none.
            (string directory, string name) = Split(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            using Folder folder = Folder.Open(directory);
            using StorageFile file = folder.Open(name, StorageMode.Read);
            length = file.Read(text.Span, 0);
        }
        catch (Exception e) when (e is LinuxException { Error: Errno.ENOENT or Errno.ENOTDIR } or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KeyException(KeyError.Missing, $"there is no key file {path}");
        }
        return Parse(text.Span[..length], path);
    }

    /// <summary>Reads the content of a key file that came over a descriptor.</summary>
    /// <param name="text">All of it; the caller zeroes it.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="KeyException"><see cref="KeyError.TooNew"/> or <see cref="KeyError.Damaged"/>.</exception>
    public static Credential Parse(ReadOnlySpan<byte> text, string source) =>
        text.Length <= MaxLength ? ParseLine(text.Trim(" \t\r\n"u8), source) : throw NotAKeyFile(source);

    private static int Format(Span<byte> line)
    {
        using SecretKey key = SecretKey.Random();
        Magic.CopyTo(line);
        int at = Magic.Length;
        line[at++] = (byte)' ';
        Base64.EncodeToUtf8(key.Bytes, line[at..], out _, out int written);
        at += written;
        Utf8.TryWrite(line[at..], CultureInfo.InvariantCulture, $" {Crc32C.Of(key.Bytes):x8}\n", out written);
        return at + written;
    }

    private static Credential ParseLine(ReadOnlySpan<byte> line, string path)
    {
        if (!line.StartsWith(Magic[..^1]))
            throw NotAKeyFile(path);
        if (!line.StartsWith(Magic))
            throw new KeyException(KeyError.TooNew, $"{path} was written by a newer version of claw");
        line = line[Magic.Length..];
        if (line.Length != 1 + Base64Length + 1 + 8 || line[0] != ' ' || line[1 + Base64Length] != ' ')
            throw NotAKeyFile(path);
        Span<byte> key = stackalloc byte[SecretKey.Size + 1];
        try
        {
            bool valid = Base64.DecodeFromUtf8(line.Slice(1, Base64Length), key, out _, out int length) == OperationStatus.Done
                && length == SecretKey.Size
                && Utf8Parser.TryParse(line[^8..], out uint crc, out int digits, 'x')
                && digits == 8
                && crc == Crc32C.Of(key[..length]);
            return valid ? Credential.FromKey(key[..SecretKey.Size]) : throw NotAKeyFile(path);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static KeyException NotAKeyFile(string path) =>
        new(KeyError.Damaged, $"{path} is not a claw key file, or it is damaged");

    private static (string Directory, string Name) Split(string path)
    {
        string full = Path.GetFullPath(path);
        return (Path.GetDirectoryName(full) ?? "/", Path.GetFileName(full));
    }
}
