using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>
/// Writers that go on until the mount dies under them, and a ledger of what they had been promised. The ledger is memory of this
/// process, which is not killed.
/// </summary>
internal sealed class CrashLoad
{
    private const int Writers = 4;
    private readonly Ledger _ledger = new();
    private readonly PageFile[] _pages;
    private readonly string _folder;
    private readonly int _seed;
    private long _round;
    private long _syncs;

    public CrashLoad(string folder, int seed)
    {
        (_folder, _seed) = (folder, seed);
        _pages = [.. Enumerable.Range(0, Writers).Select(w => new PageFile($"{folder}/pages{w}"))];
    }

    /// <summary>Syncs that were answered.</summary>
    public long Syncs => Interlocked.Read(ref _syncs);

    /// <summary>The writers; each ends when it meets the death of the mount.</summary>
    public Thread[] Start()
    {
        long round = ++_round;
        Thread[] threads = [.. Enumerable.Range(0, Writers).Select(w => new Thread(() => Work(w, round)))];
        foreach (Thread thread in threads)
            thread.Start();
        return threads;
    }

    /// <summary>Compares the tree with what was promised; gives what is missing or wrong.</summary>
    public List<string> Check()
    {
        List<string> wrong = _ledger.Check();
        foreach (PageFile file in _pages)
            file.Check(wrong);
        return wrong;
    }

    private void Work(int writer, long round)
    {
        Random random = new(HashCode.Combine(_seed, writer, round));
        string own = $"{_folder}/w{writer}";
        Sys.MkDir(own, 0b111_101_101);
        for (uint n = 1; ; n++)
        {
            long number = (round << 40) | ((long)writer << 32) | n;
            bool alive = random.Next(4) switch
            {
                0 => _pages[writer].Write(PageFile.Pick(random), number) && Count(),
                1 when _ledger.AnyName($"{own}/once") is { } name => Change(own, name, Ledger.Missing, () => Sys.Unlink(name)),
                2 => Replace(own, $"{own}/again{random.Next(5)}", number),
                _ => Replace(own, $"{own}/once{round}.{n}", number),
            };
            if (!alive)
                return;
        }
    }

    private bool Replace(string own, string name, long number)
    {
        string temporary = own + "/temporary";
        return WriteAndSync(temporary, Ledger.Content(number)) && Change(own, name, number, () => Sys.Rename(temporary, name));
    }

    // Old or new from the call on, new once the folder is synced.
    private bool Change(string own, string name, long number, Func<Reply> change)
    {
        _ledger.Begin(name, number);
        if (change().Failed || !SyncFolder(own))
            return false;
        _ledger.Settle(name, number);
        return Count();
    }

    private bool Count()
    {
        Interlocked.Increment(ref _syncs);
        return true;
    }

    private static bool WriteAndSync(string path, byte[] data)
    {
        Reply opened = Sys.Open(path, Sys.WrOnly | Sys.Creat | Sys.Trunc, 0b110_100_100);
        if (opened.Failed)
            return false;
        int fd = (int)opened.Value;
        Reply written = Sys.Write(fd, data);
        bool done = !written.Failed && written.Value == data.Length && !Sys.FSync(fd).Failed;
        Sys.Close(fd);
        return done;
    }

    private static bool SyncFolder(string path)
    {
        Reply opened = Sys.Open(path, Sys.RdOnly | Sys.Directory);
        if (opened.Failed)
            return false;
        bool done = !Sys.FSync((int)opened.Value).Failed;
        Sys.Close((int)opened.Value);
        return done;
    }
}
