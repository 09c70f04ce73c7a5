using ClawFS.Crypto;

namespace ClawFS.Store.Rows;

/// <summary>
/// A row that can be opened before the salts are known, because it carries the one it needs: prefix (may be empty), salt (32), then a body as in <see cref="RowSeal"/>.
/// The root row and the rows of salts are such.
/// </summary>
internal static class SaltedRow
{
    /// <summary>Seals under the current epoch.</summary>
    /// <returns>The whole row.</returns>
    public static byte[] Seal(EpochKeys keys, Guid store, ulong id, RowKind kind, ulong version, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> plaintext)
    {
        byte[] row = new byte[prefix.Length + EpochKeys.SaltSize + plaintext.Length + RowSeal.Overhead];
        prefix.CopyTo(row);
        keys.CurrentSalt.CopyTo(row.AsSpan(prefix.Length));
        RowSeal.Seal(keys.Current, store, id, kind, version, prefix, plaintext, row.AsSpan(prefix.Length + EpochKeys.SaltSize));
        return row;
    }

    /// <summary>Opens a row; null if it is not authentic.</summary>
    public static byte[]? Open(SecretKey rowsKey, Guid store, ulong id, RowKind kind, int prefixSize, ReadOnlySpan<byte> row, out ulong version)
    {
        version = 0;
        if (row.Length < prefixSize + EpochKeys.SaltSize + RowSeal.Overhead)
            return null;
        ReadOnlySpan<byte> body = row[(prefixSize + EpochKeys.SaltSize)..];
        byte[] plaintext = new byte[body.Length - RowSeal.Overhead];
        using var key = new Aead();
        EpochKeys.DeriveInto(rowsKey, row.Slice(prefixSize, EpochKeys.SaltSize), key);
        if (!RowSeal.Open(key, store, id, kind, row[..prefixSize], body, plaintext))
            return null;
        version = RowSeal.VersionOf(body);
        return plaintext;
    }
}
