using System.Buffers.Binary;
using System.Security.Cryptography;
using ClawFS.Store.Log;
using ClawFS.Store.Rows;
using ClawFS.Store.Segments;
using ClawFS.Store.Tests.Ops;
using SQLitePCL;

namespace ClawFS.Store.Tests.Faults;

/// <summary>
/// Everything sealed that was ever seen in copies of one store, by what decides its (key, nonce) pair: the salt of its epoch, journal file or segment, and its
/// version, sequence and attempt, or offset. One pair with two ciphertexts is a nonce that was used twice.
/// </summary>
internal sealed class SealedPlaces
{
    private readonly Dictionary<string, string> seen = [];
    private readonly Dictionary<string, byte[]> segments = [];

    public int Count => seen.Count;

    /// <summary>Salts of segments seen.</summary>
    public int Segments => segments.Count;

    /// <summary>Looks through the files of a closed store.</summary>
    /// <param name="store">Its files.</param>
    /// <param name="epochs">Salt of each epoch that this copy has committed under, filled by this.</param>
    public void Look(StoreFixture store, Dictionary<ulong, string> epochs)
    {
        LookAtRows(store.File(SqliteRows.FileName), epochs);
        foreach (string file in Directory.GetFiles(store.File("log")))
            LookAtJournal(File.ReadAllBytes(file));
        foreach (string file in Directory.GetFiles(store.File("seg")))
            LookAtSegment(File.ReadAllBytes(file));
    }

    private void LookAtRows(string path, Dictionary<ulong, string> epochs)
    {
        var rows = new List<(ulong Id, byte[] Body)>();
        using var connection = new SqliteConnection(path, raw.SQLITE_OPEN_READWRITE, "PRAGMA query_only=ON");
        using (sqlite3_stmt all = connection.Prepare("SELECT id, body FROM rows"))
        {
            while (connection.Step(all))
                rows.Add(((ulong)raw.sqlite3_column_int64(all, 0), raw.sqlite3_column_blob(all, 1).ToArray()));
        }
        byte[] root = rows.Single(static r => r.Id == RowIds.Root).Body;
        epochs[EpochOf(root.AsSpan(48))] = Convert.ToHexString(root.AsSpan(16, 32));
        foreach ((ulong id, byte[] body) in rows)
        {
            int at = id == RowIds.Root ? 48 : id >= RowIds.End && (id >> 56) == ((1UL << 62) + (62UL << 56)) >> 56 ? 32 : 0;
            ulong version = BinaryPrimitives.ReadUInt64LittleEndian(body.AsSpan(at));
            Add($"row {epochs[EpochOf(body.AsSpan(at))]} {version}", body.AsSpan(at + 8));
        }
    }

    private void LookAtJournal(byte[] file)
    {
        string salt = Convert.ToHexString(file.AsSpan(32, 32));
        int at = JournalHeader.Size;
        while (at + 16 <= file.Length && JournalRecord.LengthOf(file.AsSpan(at, 16)) is > 0 and var length && at + length <= file.Length)
        {
            Add($"record {salt} {Convert.ToHexString(file.AsSpan(at + 4, 12))}", file.AsSpan(at + 16, length - 16));
            at += length;
        }
    }

    /// <summary>Blocks have no heads: two segments of one salt must not differ wherever both have been written.</summary>
    private void LookAtSegment(byte[] file)
    {
        if (file.Length < SegmentHeader.Size)
            return;
        string salt = Convert.ToHexString(file.AsSpan(40, 8));
        if (segments.TryGetValue(salt, out byte[]? other))
        {
            for (int i = SegmentHeader.Size; i < Math.Min(file.Length, other.Length); i++)
                Assert.True(file[i] == other[i] || file[i] == 0 || other[i] == 0, $"segment salt {salt} seals twice at {i}");
        }
        if (other is null || other.Length < file.Length)
            segments[salt] = file;
    }

    private void Add(string pair, ReadOnlySpan<byte> ciphertext)
    {
        string hash = Convert.ToHexString(SHA256.HashData(ciphertext));
        Assert.True(seen.TryAdd(pair, hash) || seen[pair] == hash, $"{pair} was sealed twice");
    }

    private static ulong EpochOf(ReadOnlySpan<byte> version) => BinaryPrimitives.ReadUInt64LittleEndian(version) >> 40;
}
