using ClawFS.Crypto;
using ClawFS.Store.Log;
using ClawFS.Store.Rows;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Tests.Formats;

/// <summary>The bytes that docs/storage-format.md promises, which a program of its own has computed.</summary>
public sealed class FormatVectorTests : IDisposable
{
    private const ulong Epoch = 1UL << 40;

    private static readonly Guid Store = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly byte[] Salt = Counting(0x40);

    private readonly SecretKey root = SecretKey.From(Counting(0));
    private readonly EpochKeys epochs;

    public FormatVectorTests() => epochs = new EpochKeys(root, Salt, writing: true);

    public void Dispose()
    {
        epochs.Dispose();
        root.Dispose();
    }

    [Fact]
    public void A_row_has_the_promised_bytes()
    {
        byte[] body = new byte[4 + RowSeal.Overhead];
        RowSeal.Seal(epochs.Current, Store, 100, RowKind.Inode, Epoch + 5, default, "claw"u8, body);
        Assert.Equal(FormatPage.Vector("row"), body);
        byte[] plaintext = new byte[4];
        Assert.True(epochs.Open(Store, 100, RowKind.Inode, FormatPage.Vector("row"), plaintext));
        Assert.Equal("claw"u8.ToArray(), plaintext);
    }

    [Fact]
    public void The_root_row_has_the_promised_bytes()
    {
        byte[] prefix = new byte[RootRow.PrefixSize];
        RootRow.WritePrefix(prefix);
        var says = new RootRow(3, 1, 1, Epoch + 2, 0, Epoch + 6, "head"u8.ToArray());
        Assert.Equal(FormatPage.Vector("root row"), SaltedRow.Seal(epochs, Store, RowIds.Root, RowKind.Root, Epoch + 7, prefix, says.Encode()));
        byte[]? plaintext = SaltedRow.Open(root, Store, RowIds.Root, RowKind.Root, RootRow.PrefixSize, FormatPage.Vector("root row"), out ulong version);
        Assert.Equal(Epoch + 7, version);
        Assert.Equivalent(says, RootRow.Decode(plaintext));
    }

    [Fact]
    public void A_row_of_salts_has_the_promised_bytes() => Assert.Equal(
        FormatPage.Vector("salts"),
        SaltedRow.Seal(epochs, Store, RowIds.Epochs(0), RowKind.Epochs, Epoch + 2, default, [.. new byte[8], .. Salt]));

    [Fact]
    public void A_node_of_the_freshness_tree_has_the_promised_bytes()
    {
        ulong[] versions = new ulong[VersionNode.Size];
        versions[100] = Epoch + 5;
        versions[101] = Epoch + 6;
        byte[] bytes = new byte[VersionNode.MaxEncoded];
        Assert.Equal(521, VersionNode.Encode(versions, bytes));
        Assert.Equal(FormatPage.Vector("node"), bytes[..112]);
        Assert.Equal(-1, bytes.AsSpan(112..521).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void The_journal_has_the_promised_bytes()
    {
        using var key = new Aead();
        var header = new JournalHeader(Store, 9, new Guid("0f0e0d0c-0b0a-0908-0706-050403020100"));
        byte[] bytes = new byte[JournalHeader.Size];
        header.Write(bytes, Salt, root, key);
        Assert.Equal(FormatPage.Vector("journal header"), bytes);
        byte[] record = new byte[4 + JournalRecord.Overhead];
        "claw"u8.CopyTo(record.AsSpan(JournalRecord.PayloadAt));
        JournalRecord.Seal(key, header, 9, 2, 7, record);
        Assert.Equal(FormatPage.Vector("journal record"), record);
    }

    [Fact]
    public void A_segment_has_the_promised_bytes()
    {
        const ulong salt = 0x0123456789ABCDEF;
        byte[] header = new byte[SegmentHeader.Size];
        SegmentHeader.Write(header, Store, 0x2A, salt);
        Assert.Equal(FormatPage.Vector("segment header"), header);
        using Aead key = root.CreateAead();
        byte[] block = new byte[4 + Aead.TagSize];
        BlockSealer.Seal(key, new(Store, 42, 7, salt, SegmentHeader.Size), "claw"u8, block);
        Assert.Equal(FormatPage.Vector("block"), block);
        byte[] run = new byte[BlockSealer.SealedLength(4096 + 4)];
        BlockSealer.Seal(key, new(Store, 42, 7, salt, 4096), [.. new byte[4096], .. "claw"u8], run);
        Assert.Equal(FormatPage.Vector("run"), run[4096..]);
    }

    private static byte[] Counting(byte first) => [.. Enumerable.Range(first, SecretKey.Size).Select(static b => (byte)b)];
}
