using ClawFS.Linux;

namespace ClawFS.Trees;

/// <summary>
/// Program names by thread id, from /proc, for a second at most: numbers come to belong to other programs. Best effort: a program that
/// has ended before its event was written has no name any more. Used by one thread at a time.
/// </summary>
internal sealed class CommCache(Func<uint, string?> read)
{
    private const int Capacity = 1024;
    private const long KeepMilliseconds = 1000;
    private readonly Dictionary<uint, (string? Comm, long At)> names = [];

    /// <summary>Reads /proc.</summary>
    public CommCache() : this(FromProc)
    {
    }

    /// <summary>The name, or null if nobody knows.</summary>
    public string? Of(uint thread)
    {
        if (thread == 0)
        {
            return null;
        }
        long now = Environment.TickCount64;
        if (names.TryGetValue(thread, out (string? Comm, long At) known) && now - known.At < KeepMilliseconds)
        {
            return known.Comm;
        }
        if (names.Count >= Capacity)
        {
            names.Clear();
        }
        string? comm = read(thread);
        names[thread] = (comm, now);
        return comm;
    }

    private static string? FromProc(uint thread)
    {
        Span<byte> comm = stackalloc byte[ProcessIdentity.MaxComm];
        int length = ProcessIdentity.CommOf(thread, comm);
        return length == 0 ? null : System.Text.Encoding.UTF8.GetString(comm[..length]);
    }
}
