using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>
/// Files of a few MiB that replace each other and are removed, sometimes while they are open: segments become mostly dead, so that the cleaner and the purge have work.
/// </summary>
internal sealed class ChurnWriter(string folder, int seed) : CrashWriter(seed)
{
    private const int Files = 6, MaxLength = 5 << 20, Piece = 1 << 18;
    private readonly Ledger _ledger = new(MaxLength);
    private readonly HashSet<string> _unsynced = [];
    private long _number;

    public override void Check(bool mountLost, List<string> wrong)
    {
        if (mountLost)
        {
            // Their names are promised, their content is not.
            foreach (string name in _unsynced)
            {
                _ledger.Forget(name);
                File.Delete(name);
            }
            _unsynced.Clear();
        }
        wrong.AddRange(_ledger.Check());
    }

    protected override void Begin() => Directory.CreateDirectory(folder);

    protected override bool Step()
    {
        string name = $"{folder}/f{Random.Next(Files)}";
        if (Random.Next(4) == 0 && _ledger.AnyName(name) is not null)
            return Remove(name);
        long number = ++_number;
        bool sync = Random.Next(3) == 0;
        string temporary = $"{folder}/temporary";
        if (!WriteFile(temporary, Ledger.Content(number, MaxLength), sync))
            return false;
        _ledger.Begin(name, number);
        if (!sync)
            _unsynced.Add(name);
        if (!Done(Sys.Rename(temporary, name), "rename"))
            return false;
        if (sync)
            _unsynced.Remove(name);
        _ledger.Settle(name, number);
        return true;
    }

    private bool Remove(string name)
    {
        Reply opened = Sys.Open(name, Sys.RdOnly);
        if (!Done(opened, "open"))
            return false;
        _ledger.Begin(name, Ledger.Missing);
        bool removed = Done(Sys.Unlink(name), "unlink");
        if (removed)
        {
            _ledger.Settle(name, Ledger.Missing);
            _unsynced.Remove(name);
        }
        Sys.Close((int)opened.Value);
        return removed;
    }

    private bool WriteFile(string path, byte[] data, bool sync)
    {
        Reply opened = Sys.Open(path, Sys.WrOnly | Sys.Creat | Sys.Trunc, 0b110_100_100);
        if (!Done(opened, "create"))
            return false;
        int fd = (int)opened.Value;
        bool done = true;
        for (int at = 0; done && at < data.Length; at += Piece)
            done = Done(Sys.Write(fd, data.AsSpan(at, Math.Min(Piece, data.Length - at))), "write");
        done = done && (!sync || Done(Sys.FSync(fd), "fsync"));
        Sys.Close(fd);
        return done;
    }
}
