using System.Buffers.Binary;
using ClawFS.Crypto;

namespace ClawFS.Store.Rows;

/// <summary>
/// The salts of all epochs, in salted rows of 64: version of the row before (u64, 0 in the first), then up to 64 salts of 32 bytes. The root row holds the version of the newest,
/// each holds the version of the one before, so none can be replaced by an older one.
/// </summary>
internal static class EpochRows
{
    private const int GroupSize = 64;

    /// <summary>Reads the salts of <paramref name="count"/> epochs.</summary>
    /// <exception cref="StoreException">EIO: a row is missing, stale or not authentic.</exception>
    /// <param name="rows">The table.</param>
    /// <param name="rowsKey">The key that the keys of epochs are derived from.</param>
    /// <param name="store">Id of the store.</param>
    /// <param name="count">Number of epochs.</param>
    /// <param name="newest">Version of the newest row of salts.</param>
    /// <param name="previous">Version of the one before it, 0 if there is none.</param>
    public static byte[] Load(SqliteRows rows, SecretKey rowsKey, Guid store, int count, ulong newest, out ulong previous)
    {
        previous = 0;
        if (count is < 1 or > EpochKeys.MaxEpochs)
            throw StoreException.Damaged($"the root row says {count} epochs");
        byte[] salts = new byte[count * EpochKeys.SaltSize];
        ulong version = newest;
        for (int group = GroupOf(count); group >= 0; group--)
        {
            int first = group * GroupSize;
            int size = Math.Min(GroupSize, count - first) * EpochKeys.SaltSize;
            byte[]? plaintext = Open(rows, rowsKey, store, group, version);
            if (plaintext is null || plaintext.Length != 8 + size)
                throw StoreException.Damaged($"the salts of epochs {first + 1} and following are damaged or stale");
            plaintext.AsSpan(8).CopyTo(salts.AsSpan(first * EpochKeys.SaltSize));
            version = BinaryPrimitives.ReadUInt64LittleEndian(plaintext);
            if (group == GroupOf(count))
                previous = version;
        }
        return salts;
    }

    /// <summary>Writes the row of the current epoch.</summary>
    /// <param name="rows">In a transaction.</param>
    /// <param name="keys">All epochs, the current one last.</param>
    /// <param name="store">Id of the store.</param>
    /// <param name="newest">Version of the newest row so far, 0 if there is none.</param>
    /// <param name="previous">Version of the one before it, 0 if there is none.</param>
    /// <returns>The version of the row.</returns>
    public static ulong Save(SqliteWriter rows, EpochKeys keys, Guid store, ulong newest, ulong previous)
    {
        int group = GroupOf(keys.Count);
        ReadOnlySpan<byte> salts = keys.Salts[(group * GroupSize * EpochKeys.SaltSize)..];
        bool startsGroup = salts.Length == EpochKeys.SaltSize;
        byte[] plaintext = new byte[8 + salts.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(plaintext, startsGroup ? newest : previous);
        salts.CopyTo(plaintext.AsSpan(8));
        ulong version = keys.NextVersion();
        ulong id = RowIds.Epochs(group);
        rows.Put(id, SaltedRow.Seal(keys, store, id, RowKind.Epochs, version, default, plaintext));
        return version;
    }

    private static int GroupOf(int epoch) => (epoch - 1) / GroupSize;

    private static byte[]? Open(SqliteRows rows, SecretKey rowsKey, Guid store, int group, ulong expected)
    {
        ulong id = RowIds.Epochs(group);
        using RowView row = rows.Read(id);
        byte[]? plaintext = SaltedRow.Open(rowsKey, store, id, RowKind.Epochs, 0, row.Body, out ulong version);
        return version == expected ? plaintext : null;
    }
}
