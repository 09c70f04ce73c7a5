using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>Replaces files the careful way (write, fsync, rename, fsync of the folder) and overwrites pages in place, each synced before it counts.</summary>
internal sealed class LedgerWriter(string folder, int seed) : CrashWriter(seed)
{
    private const int MaxLength = 60_000;
    private readonly Ledger _ledger = new(MaxLength);
    private readonly PageFile _pages = new($"{folder}/pages");
    private long _number;

    public override void Check(bool mountLost, List<string> wrong)
    {
        wrong.AddRange(_ledger.Check());
        _pages.Check(wrong);
    }

    protected override void Begin() => Directory.CreateDirectory(folder);

    protected override bool Step()
    {
        long number = ++_number;
        return Random.Next(4) switch
        {
            0 => Done(_pages.Write(PageFile.Pick(Random), number), "write of a page"),
            1 when _ledger.AnyName($"{folder}/once") is { } name => Change(name, Ledger.Missing, () => Sys.Unlink(name)),
            2 => Replace($"{folder}/again{Random.Next(5)}", number),
            _ => Replace($"{folder}/once{number}", number),
        };
    }

    private bool Replace(string name, long number)
    {
        string temporary = $"{folder}/temporary";
        return WriteAndSync(temporary, Ledger.Content(number, MaxLength)) && Change(name, number, () => Sys.Rename(temporary, name));
    }

    // Old or new from the call on, new once the folder is synced.
    private bool Change(string name, long number, Func<Reply> change)
    {
        _ledger.Begin(name, number);
        if (!Done(change(), "change of a name") || !SyncFolder())
            return false;
        _ledger.Settle(name, number);
        return true;
    }

    private bool WriteAndSync(string path, byte[] data)
    {
        Reply opened = Sys.Open(path, Sys.WrOnly | Sys.Creat | Sys.Trunc, 0b110_100_100);
        if (!Done(opened, "create"))
            return false;
        int fd = (int)opened.Value;
        bool done = Done(Sys.Write(fd, data), "write") && Done(Sys.FSync(fd), "fsync");
        Sys.Close(fd);
        return done;
    }

    private bool SyncFolder()
    {
        Reply opened = Sys.Open(folder, Sys.RdOnly | Sys.Directory);
        if (!Done(opened, "open of the folder"))
            return false;
        bool done = Done(Sys.FSync((int)opened.Value), "fsync of the folder");
        Sys.Close((int)opened.Value);
        return done;
    }
}
