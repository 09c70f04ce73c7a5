using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>
/// One file, written at unaligned places through the page cache and past it, cut, punched, zeroed, copied within itself, and compared with a model at every read.
/// For the loss of a mount the model keeps what each block may hold: its states since the last fsync.
/// </summary>
internal sealed class FsxWriter(string path, int seed) : CrashWriter(seed)
{
    private const int Length = 256 << 10, Block = 4096, MaxWrite = 40_000;
    private static readonly int s_direct = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
        == System.Runtime.InteropServices.Architecture.Arm64 ? 0x10000 : 0x4000;
    private readonly byte[] _model = new byte[Length];
    private readonly byte[] _buffer = new byte[Length];
    private readonly List<byte[]>[] _states = [.. Enumerable.Range(0, Length / Block).Select(_ => new List<byte[]> { new byte[Block] })];
    private readonly List<byte[]>[] _older = [.. Enumerable.Range(0, Length / Block).Select(_ => new List<byte[]>())];
    private readonly Queue<string> _steps = new();
    private int _size;
    private int _file = -1, _direct = -1;

    public override void Check(bool mountLost, List<string> wrong)
    {
        byte[] found = File.Exists(path) ? File.ReadAllBytes(path) : [];
        if (!mountLost)
        {
            if (!found.AsSpan().SequenceEqual(_model.AsSpan(0, _size)))
                wrong.Add($"{path}: {Difference(found)}");
            return;
        }
        _model.AsSpan().Clear();
        _size = Math.Min(found.Length, Length);
        found.AsSpan(0, _size).CopyTo(_model);
        for (int b = 0; b < _states.Length; b++)
        {
            byte[] block = _model[(b * Block)..((b + 1) * Block)];
            if (!_states[b].Exists(state => state.AsSpan().SequenceEqual(block)))
                wrong.Add($"{path}: block {b} holds none of its {_states[b].Count} states since the last fsync: {Compared(block, b)}");
            _states[b] = [block];
        }
    }

    protected override void Begin()
    {
        _file = (int)Sys.Open(path, Sys.RdWr | Sys.Creat, 0b110_100_100).Must("open");
        _direct = (int)Sys.Open(path, Sys.RdWr | s_direct).Must("open past the cache");
    }

    protected override void End()
    {
        Sys.Close(_file);
        Sys.Close(_direct);
    }

    protected override bool Step()
    {
        int from = Random.Next(Length - 1), length = Random.Next(1, Math.Min(MaxWrite, Length - from) + 1), what = Random.Next(16);
        _steps.Enqueue($"{what} {from} {length} size {_size}");
        if (_steps.Count > 40)
            _steps.Dequeue();
        return what switch
        {
            < 6 => Write(_file, from, length),
            6 => Write(_direct, from, length),
            7 => Write(_file, _size, Math.Min(length, Length - _size)),
            8 => Done(Sys.FTruncate(_file, Cut(from)), "ftruncate"),
            9 => Zero(Sys.PunchHole | Sys.KeepSize, from, length, grows: false),
            10 => Zero(Sys.ZeroRange, from, length, grows: true),
            11 => Copy(from, length),
            12 or 13 => Sync(),
            _ => Compare(from, length),
        };
    }

    private bool Write(int file, int at, int length)
    {
        if (length == 0)
            return true;
        Random.NextBytes(_model.AsSpan(at, length));
        _size = Math.Max(_size, at + length);
        Note(at, length);
        return Full(Sys.PWrite(file, _model.AsSpan(at, length), at), length, $"pwrite {length} at {at}");
    }

    private int Cut(int size)
    {
        int from = Math.Min(size, _size), to = Math.Max(size, _size);
        _model.AsSpan(from, to - from).Clear();
        _size = size;
        Note(from, to - from);
        return size;
    }

    private bool Zero(int mode, int at, int length, bool grows)
    {
        _model.AsSpan(at, length).Clear();
        if (grows)
            _size = Math.Max(_size, at + length);
        Note(at, length);
        return Done(Sys.FAllocate(_file, mode, at, length), $"fallocate {mode}");
    }

    private bool Copy(int from, int length)
    {
        length = Math.Min(length, _size - from);
        int to = Random.Next(Length - Math.Max(length, 1));
        if (length <= 0 || (to < from + length && from < to + length))
            return true;
        _model.AsSpan(from, length).CopyTo(_model.AsSpan(to));
        _size = Math.Max(_size, to + length);
        Note(to, length);
        return Full(Sys.CopyFileRange(_file, from, _file, to, length), length, $"copy_file_range {length} to {to}");
    }

    private bool Sync()
    {
        if (!Done(Sys.FSync(_file), "fsync"))
            return false;
        for (int b = 0; b < _states.Length; b++)
        {
            _older[b].AddRange(_states[b][..^1]);
            _states[b].RemoveRange(0, _states[b].Count - 1);
        }
        return true;
    }

    private bool Compare(int from, int length)
    {
        int expected = Math.Max(0, Math.Min(length, _size - from));
        Span<byte> read = _buffer.AsSpan(0, length);
        if (!Full(Sys.PRead(Random.Next(4) == 0 ? _direct : _file, read, from), expected, $"pread {length} at {from} of {_size}"))
            return false;
        if (read[..expected].SequenceEqual(_model.AsSpan(from, expected)))
            return true;
        Failed ??= $"{path}: read at {from} is wrong: {Difference(File.ReadAllBytes(path))}";
        return false;
    }

    private bool Full(Reply reply, int length, string what)
    {
        if (!Done(reply, what))
            return false;
        if (reply.Value != length)
            Failed ??= $"{path}: {what}: {reply.Value} bytes";
        return reply.Value == length;
    }

    private void Note(int at, int length)
    {
        for (int b = at / Block; b * Block < at + length; b++)
            _states[b].Add(_model[(b * Block)..((b + 1) * Block)]);
    }

    /// <summary>What a wrong block has in common with each state it could have, and with those it had before the last fsync.</summary>
    private string Compared(byte[] found, int block)
    {
        IEnumerable<string> now = _states[block].Select((state, i) => $"state {i} in {Runs(found, state)}");
        int before = _older[block].FindLastIndex(state => state.AsSpan().SequenceEqual(found));
        return string.Join("; ", now) + (before < 0 ? "; no older state" : $"; it is older state {before} of {_older[block].Count}") + $"; size {_size}; last steps: {string.Join(", ", _steps)}";
    }

    /// <summary>The runs of bytes that are the same.</summary>
    private static string Runs(byte[] found, byte[] state)
    {
        List<string> runs = [];
        for (int i = 0; i < Block;)
        {
            int from = i;
            while (i < Block && found[i] == state[i])
                i++;
            if (i - from > 3)
                runs.Add($"{from}..{i}");
            i += i == from || i < Block ? 1 : 0;
        }
        return string.Join(" ", runs.Take(8));
    }

    private string Difference(byte[] found)
    {
        int same = found.AsSpan().CommonPrefixLength(_model.AsSpan(0, _size));
        return $"{found.Length} bytes instead of {_size}, the first difference at {same}";
    }
}
