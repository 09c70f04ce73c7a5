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
    private const ulong WriterBit = 1;
    private ulong last = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) >> 2;

    public ulong Add(T value, bool writes = false)
    {
        ulong handle = (Interlocked.Increment(ref last) << 1) | (writes ? WriterBit : 0);
        open[handle] = value;
        return handle;
    }

    /// <summary>Whether a handle, of this fs or of one before it, was opened for writing.</summary>
    public static bool IsWriter(ulong handle) => (handle & WriterBit) != 0;

    public T? Find(ulong handle) => open.GetValueOrDefault(handle);

    public T? Remove(ulong handle) => open.TryRemove(handle, out T? value) ? value : null;

    public int Count => open.Count;
}
