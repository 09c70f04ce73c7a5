using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace ClawFS.Vfs;

/// <summary>
/// Numbers that stand for open files and listings on the wire. They start at a random place, so that a number which an earlier
/// fs gave out on the same mount is unknown here and never somebody else's file.
/// </summary>
internal sealed class HandleTable<T> where T : class
{
    private readonly ConcurrentDictionary<ulong, T> open = new();
    private ulong last = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) >> 1;

    public ulong Add(T value)
    {
        ulong handle = Interlocked.Increment(ref last);
        open[handle] = value;
        return handle;
    }

    public T? Find(ulong handle) => open.GetValueOrDefault(handle);

    public T? Remove(ulong handle) => open.TryRemove(handle, out T? value) ? value : null;

    public int Count => open.Count;
}
