namespace ClawFS.Store.Rows;

/// <summary>
/// The changes of one commit: the last one for an id wins. Memory is kept for the next batch. A batch that could not be committed is
/// unchanged and can be committed again. Not safe for use by several threads.
/// </summary>
internal sealed class RowBatch
{
    private const int KeptBytes = 4 << 20;

    private readonly Dictionary<ulong, Change> changes = [];
    private byte[] memory = [];
    private int used;

    /// <summary>What happens to one row.</summary>
    internal readonly record struct Change(RowKind Kind, int Offset, int Length)
    {
        /// <summary>Whether the row goes.</summary>
        public bool IsDelete => Length < 0;
    }

    /// <summary>Rows that change.</summary>
    public int Count => changes.Count;

    /// <summary>Plaintext bytes held, including overwritten ones.</summary>
    public int Bytes => used;

    /// <summary>Writes a row.</summary>
    /// <param name="id"><see cref="RowIds.First"/> up to <see cref="RowIds.End"/>.</param>
    /// <param name="kind">Must be the same when it is read.</param>
    /// <param name="plaintext">Copied.</param>
    public void Put(ulong id, RowKind kind, ReadOnlySpan<byte> plaintext)
    {
        ThrowUnlessFree(id);
        bool replaces = changes.TryGetValue(id, out Change old) && !old.IsDelete && old.Length >= plaintext.Length;
        int offset = replaces ? old.Offset : used;
        if (!replaces)
        {
            if (memory.Length - used < plaintext.Length)
                Array.Resize(ref memory, Math.Max(used + plaintext.Length, Math.Max(memory.Length * 2, 1 << 16)));
            used += plaintext.Length;
        }
        plaintext.CopyTo(memory.AsSpan(offset));
        changes[id] = new(kind, offset, plaintext.Length);
    }

    /// <summary>Removes a row; nothing happens if there is none.</summary>
    public void Delete(ulong id)
    {
        ThrowUnlessFree(id);
        changes[id] = new(default, 0, -1);
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        changes.Clear();
        if (memory.Length > KeptBytes)
            memory = [];
        used = 0;
    }

    /// <summary>The ids, ascending.</summary>
    internal ulong[] SortedIds()
    {
        ulong[] ids = [.. changes.Keys];
        Array.Sort(ids);
        return ids;
    }

    /// <summary>What happens to a row of this batch.</summary>
    internal Change this[ulong id] => changes[id];

    /// <summary>The plaintext of a change.</summary>
    internal ReadOnlySpan<byte> PlaintextOf(in Change change) => memory.AsSpan(change.Offset, change.Length);

    private static void ThrowUnlessFree(ulong id)
    {
        if (id is < RowIds.First or >= RowIds.End)
            throw new ArgumentOutOfRangeException(nameof(id), id, "not a row id of the upper half");
    }
}
