using System.Security.Cryptography;

namespace ClawOS.Bench.Fs.Client;

/// <summary>One large file, written and read as fio does it with the psync engine.</summary>
/// <param name="path">The file.</param>
/// <param name="bytes">Its size, a multiple of 1 MiB.</param>
internal sealed class BigFile(string path, long bytes)
{
    public const int Block = 4096;
    private const int Step = 1 << 20;
    private const int WritesPerSync = 32;
    private readonly byte[] path = Calls.Text(path);
    private readonly byte[] buffer = RandomNumberGenerator.GetBytes(Step);

    public long Bytes => bytes;

    /// <summary>Writes it in steps of 1 MiB with one fsync at the end.</summary>
    public void Write()
    {
        int fd = Calls.OpenOrThrow(path, Calls.WriteOnly | Calls.Create | Calls.Truncate);
        for (long at = 0; at < bytes; at += Step)
            Calls.Must(Calls.Write(fd, buffer, Step) == Step, "write");
        Calls.Must(Calls.FSync(fd) == 0, "fsync");
        Calls.Must(Calls.Close(fd) == 0, "close");
    }

    /// <summary>Reads it from end to end in steps of 1 MiB.</summary>
    public void Read()
    {
        int fd = Calls.OpenOrThrow(path, Calls.ReadOnly);
        _ = Calls.Advise(fd, 0, 0, Calls.AdviseSequential);
        for (long at = 0; at < bytes; at += Step)
            Calls.Must(Calls.Read(fd, buffer, Step) == Step, "read");
        Calls.Must(Calls.Close(fd) == 0, "close");
    }

    /// <summary>Reads 4 KiB at random block offsets; the same offsets for every system.</summary>
    public void ReadAtRandom(int count)
    {
        int fd = Calls.OpenOrThrow(path, Calls.ReadOnly);
        _ = Calls.Advise(fd, 0, 0, Calls.AdviseRandom);
        Random random = new(7);
        for (int i = 0; i < count; i++)
            Calls.Must(Calls.PRead(fd, buffer, Block, Offset(random)) == Block, "pread");
        Calls.Must(Calls.Close(fd) == 0, "close");
    }

    /// <summary>Overwrites 4 KiB at random block offsets with an fsync every 32.</summary>
    public void WriteAtRandom(int count)
    {
        int fd = Calls.OpenOrThrow(path, Calls.ReadWrite);
        _ = Calls.Advise(fd, 0, 0, Calls.AdviseRandom);
        Random random = new(8);
        for (int i = 0; i < count; i++)
        {
            Calls.Must(Calls.PWrite(fd, buffer, Block, Offset(random)) == Block, "pwrite");
            if (i % WritesPerSync == WritesPerSync - 1)
                Calls.Must(Calls.FSync(fd) == 0, "fsync");
        }
        Calls.Must(Calls.Close(fd) == 0, "close");
    }

    private long Offset(Random random) => random.NextInt64(bytes / Block) * Block;
}
