using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>
/// One file, written at unaligned places through the page cache and past it, cut, punched, zeroed, copied within itself, and compared with a model at every read.
/// For the loss of a mount the model keeps what each block may hold: its states since the last fsync.
/// </summary>
internal sealed class FsxWriter(string path, int seed) : CrashWriter(seed)
{
    private const int Length = 256 << 10, MaxWrite = 40_000;
    private static readonly int s_direct = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
        == System.Runtime.InteropServices.Architecture.Arm64 ? 0x10000 : 0x4000;
    private readonly byte[] _model = new byte[Length];
    private readonly byte[] _buffer = new byte[Length];
    private readonly BlockStates _states = new(Length);
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
        if (_states.Settle(_model) is { } unknown)
            wrong.Add($"{path}: {unknown}; size {_size}; last steps: {string.Join(", ", _steps)}");
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
        if (size < _size)
            _states.Cut(size);
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
        _states.Synced();
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

    private void Note(int at, int length) => _states.Note(_model, at, length);

    private string Difference(byte[] found)
    {
        int same = found.AsSpan().CommonPrefixLength(_model.AsSpan(0, _size));
        return $"{found.Length} bytes instead of {_size}, the first difference at {same}";
    }
}
