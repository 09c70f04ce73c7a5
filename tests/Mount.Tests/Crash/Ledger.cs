using System.Collections.Concurrent;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>
/// What was promised about each name: the numbers of the contents it may hold, <see cref="Missing"/> for none. One number after
/// a synced change; old and new while a change is on its way.
/// </summary>
internal sealed class Ledger(int maxLength)
{
    public const long Missing = -1;
    private readonly ConcurrentDictionary<string, long[]> _allowed = new();

    public int Count => _allowed.Count;

    public string? AnyName(string prefix) => _allowed.FirstOrDefault(e => e.Key.StartsWith(prefix, StringComparison.Ordinal) && e.Value is not [Missing]).Key;

    /// <summary>From now on the name may also hold this.</summary>
    public void Begin(string name, long number) => _allowed[name] = [number, .. _allowed.GetValueOrDefault(name, [Missing])];

    /// <summary>The change is durable: only this is right.</summary>
    public void Settle(string name, long number) => _allowed[name] = [number];

    /// <summary>Nothing is promised about the name any more.</summary>
    public void Forget(string name) => _allowed.TryRemove(name, out _);

    /// <summary>The content that belongs to a number, of a length that follows from it.</summary>
    public static byte[] Content(long number, int maxLength)
    {
        Random random = new(number.GetHashCode());
        byte[] data = new byte[random.Next(1, maxLength)];
        random.NextBytes(data);
        return data;
    }

    /// <summary>Compares with what is there; what is found settles the name for the next round.</summary>
    public List<string> Check()
    {
        List<string> wrong = [];
        foreach ((string name, long[] allowed) in _allowed)
        {
            byte[]? data = File.Exists(name) ? File.ReadAllBytes(name) : null;
            long found = Array.Find(allowed, n => n == Missing ? data is null : data is not null && data.AsSpan().SequenceEqual(Content(n, maxLength)));
            if (found == 0)
                wrong.Add($"{name}: {(data is null ? "missing" : $"{data.Length} bytes")}, none of {allowed.Length} allowed");
            else
                Settle(name, found);
        }
        return wrong;
    }
}
