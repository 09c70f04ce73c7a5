using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

/// <summary>What the steps of one row share: open descriptors by name and remembered attributes.</summary>
internal sealed class World : IDisposable
{
    private readonly Dictionary<string, int> _descriptors = [];

    public Dictionary<string, Stat> Remembered { get; } = [];

    public int Fd(string name) => _descriptors.TryGetValue(name, out int fd) ? fd : throw new FormatException($"no descriptor named {name}");

    public void Keep(string name, long fd)
    {
        if (_descriptors.Remove(name, out int old))
            Sys.Close(old);
        _descriptors[name] = (int)fd;
    }

    public Reply Close(string name)
    {
        Reply reply = Sys.Close(Fd(name));
        _descriptors.Remove(name);
        return reply;
    }

    public void Dispose()
    {
        foreach (int fd in _descriptors.Values)
            Sys.Close(fd);
        _descriptors.Clear();
    }
}
