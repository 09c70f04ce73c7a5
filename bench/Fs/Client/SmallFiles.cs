using System.Security.Cryptography;

namespace ClawOS.Bench.Fs.Client;

/// <summary>Files of 4 KiB in folders of 100. The folders are made, and the paths spelled out, before anything is timed.</summary>
internal sealed class SmallFiles
{
    public const int Size = 4096;
    private const int FilesPerFolder = 100;
    private const int StatBytes = 256;
    private readonly byte[][] paths;

    /// <param name="folder">Where; empty: the current folder, which may be one that no path leads to, and the folders are there.</param>
    /// <param name="count">How many.</param>
    public SmallFiles(string folder, int count)
    {
        paths = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            string parent = Path.Combine(folder, $"d{i / FilesPerFolder:D4}");
            if (i % FilesPerFolder == 0 && folder.Length > 0)
                Directory.CreateDirectory(parent);
            paths[i] = Calls.Text(Path.Combine(parent, $"file-{i % FilesPerFolder:D2}.txt"));
        }
    }

    public int Count => paths.Length;

    /// <summary>Makes each with one write. The content differs from file to file.</summary>
    public void Create()
    {
        byte[] data = RandomNumberGenerator.GetBytes(Size);
        foreach (byte[] path in paths)
        {
            data[0]++;
            int fd = Calls.OpenOrThrow(path, Calls.WriteOnly | Calls.Create | Calls.Exclusive);
            Calls.Must(Calls.Write(fd, data, Size) == Size, "write");
            Calls.Must(Calls.Close(fd) == 0, "close");
        }
    }

    public void Stat()
    {
        Span<byte> stat = stackalloc byte[StatBytes];
        foreach (byte[] path in paths)
            Calls.Must(Calls.LStat(path, stat) == 0, "lstat");
    }

    public void Read()
    {
        byte[] data = new byte[Size];
        foreach (byte[] path in paths)
        {
            int fd = Calls.OpenOrThrow(path, Calls.ReadOnly);
            Calls.Must(Calls.Read(fd, data, Size) == Size, "read");
            Calls.Must(Calls.Close(fd) == 0, "close");
        }
    }
}
