using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>A file whose 4 KiB pages are overwritten in place, each with one number again and again, and synced.</summary>
internal sealed class PageFile(string path)
{
    private const int Pages = 16, PageSize = 4096, Words = PageSize / sizeof(long);
    private readonly long[] _synced = new long[Pages];

    /// <summary>Writes a page and syncs it; the first call that failed.</summary>
    public Reply Write(int page, long number)
    {
        byte[] data = new byte[PageSize];
        for (int i = 0; i < Words; i++)
            BitConverter.TryWriteBytes(data.AsSpan(i * sizeof(long)), number);
        Reply opened = Sys.Open(path, Sys.RdWr | Sys.Creat, 0b110_100_100);
        if (opened.Failed)
            return opened;
        int fd = (int)opened.Value;
        Reply last = Sys.PWrite(fd, data, page * PageSize);
        if (!last.Failed)
            last = Sys.FDataSync(fd);
        Sys.Close(fd);
        if (!last.Failed)
            _synced[page] = number;
        return last;
    }

    public static int Pick(Random random) => random.Next(Pages);

    /// <summary>Numbers only grow: a page must hold one number, and none before the last synced one.</summary>
    public void Check(List<string> wrong)
    {
        if (!File.Exists(path))
        {
            if (_synced.Any(n => n != 0))
                wrong.Add($"{path} is missing");
            return;
        }
        byte[] data = new byte[Pages * PageSize];
        File.ReadAllBytes(path).CopyTo(data, 0);
        for (int p = 0; p < Pages; p++)
        {
            long[] words = [.. Enumerable.Range(0, Words).Select(w => BitConverter.ToInt64(data, p * PageSize + w * sizeof(long)))];
            if (words.Distinct().Count() > 1)
                wrong.Add($"{path}: page {p} is torn");
            if (words[0] < _synced[p])
                wrong.Add($"{path}: page {p} holds {words[0]:x}, synced was {_synced[p]:x}");
        }
    }
}
