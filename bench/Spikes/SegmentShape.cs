using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Log;
using ClawFS.Store.Rows;
using ClawFS.Store.Segments;

namespace ClawOS.Bench.Spikes;

/// <summary>The chosen shape, with the parts that run in the product: data in segments, a journal record a change, rows at the checkpoint.</summary>
internal abstract class SegmentShape : ShapeRun
{
    private readonly SecretKey master = SecretKey.Random();
    private readonly Folder folder;
    private readonly SegmentFiles files;
    private readonly SegmentWriter writer;
    private readonly byte[] run = new byte[BlockSealer.SealedLength(1 << 20)];
    private ulong segments;

    protected SegmentShape(string path)
        : base(path)
    {
        folder = ClawFS.Linux.Folder.Open(path);
        files = new SegmentFiles(folder.OpenFolder("seg", create: true), StoreId);
        writer = new SegmentWriter(files, () => ++segments);
        Journal = Journal.Open(folder.OpenFolder("log", create: true), master, StoreId, Guid.Empty);
        Journal.Start(1);
        Rows = RowStore.Create(folder, path, master, StoreId, default);
    }

    protected static Guid StoreId { get; } = Guid.NewGuid();
    protected RowStore Rows { get; }
    protected Journal Journal { get; }
    protected RowBatch Batch { get; } = new();

    /// <summary>Seals and appends; the journal record stands for the change of the map.</summary>
    protected (ulong Segment, uint Offset) Append(ulong inode, ulong block, ReadOnlySpan<byte> content, ReadOnlySpan<byte> record)
    {
        int length = BlockSealer.SealedLength(content.Length);
        writer.Reserve(length, false, out SegmentFile segment, out uint offset);
        BlockSealer.Seal(Key, new(StoreId, inode, block, segment.Salt, offset), content, run);
        writer.Write(segment, run.AsSpan(0, length), offset);
        segment.Release();
        Journal.Append(1, record);
        return (segment.Id, offset);
    }

    /// <summary>Reads one block and opens it.</summary>
    protected void ReadBlock(ulong inode, ulong block, (ulong Segment, uint Offset) place, byte[] plaintext)
    {
        SegmentFile segment = files.Get(place.Segment);
        Span<byte> sealedBlock = run.AsSpan(0, BlockSealer.SealedLength(BlockSealer.BlockSize));
        segment.Read(sealedBlock, place.Offset);
        bool opened = BlockSealer.Open(Key, new(StoreId, inode, block, segment.Salt, place.Offset), sealedBlock[..BlockSealer.BlockSize], sealedBlock[BlockSealer.BlockSize..], plaintext, out _);
        segment.Release();
        if (!opened)
            throw new InvalidOperationException($"block {block} does not open");
    }

    /// <summary>What fsync costs: data, then the journal.</summary>
    protected void Sync()
    {
        writer.SyncDirty();
        Journal.Sync();
    }

    /// <summary>A checkpoint: the changed rows in one commit, then the journal begins anew.</summary>
    protected void Checkpoint()
    {
        ulong next = Journal.Rotate();
        writer.SyncDirty();
        Rows.Commit(Batch, default);
        Batch.Clear();
        Journal.DropBefore(next);
    }

    protected override void Close()
    {
        Checkpoint();
        Rows.Close();
        writer.Dispose();
        files.Dispose();
        Journal.Dispose();
        folder.Dispose();
        master.Dispose();

        // The journal's two files are a constant 8 MiB, not a part of what grows with the data.
        Directory.Delete(Path.Combine(Folder, "log"), recursive: true);
    }
}

/// <summary>Small files: data in a segment, attributes and map in a row of 250 bytes.</summary>
internal sealed class SmallFilesInSegments(string folder, int size, int perCommit) : SegmentShape(folder)
{
    private readonly byte[] content = Fresh(size);
    private readonly byte[] attributes = Fresh(250);

    public override int Operations => 20_000;
    protected override long PlainBytes => (long)Operations * (content.Length + attributes.Length);

    public override void Execute()
    {
        for (int i = 0; i < Operations; i++)
        {
            Append((ulong)i + 2, 0, content, attributes);
            Batch.Put((ulong)i + 2, RowKind.Inode, attributes);
            if (i % perCommit == perCommit - 1)
                Checkpoint();
        }
    }
}

/// <summary>Sequential data, 1 MiB a write, one record a write.</summary>
internal sealed class SequentialInSegments(string folder) : SegmentShape(folder)
{
    private readonly byte[] content = Fresh(1 << 20);
    private readonly byte[] record = Fresh(60);

    public override int Operations => 256;
    protected override long PlainBytes => (long)Operations << 20;

    public override void Execute()
    {
        for (int i = 0; i < Operations; i++)
        {
            Append(2, (ulong)i * 256, content, record);
            Batch.Put(2 + (ulong)i / 16, RowKind.TreeLeaf, Fresh(400));
            if (i % 32 == 31)
                Checkpoint();
        }
    }
}

/// <summary>4 KiB overwritten at random in a file of 128 MiB, durable every 32; checkpoint every 1024.</summary>
internal sealed class RandomOverwriteInSegments(string folder) : SegmentShape(folder)
{
    private readonly byte[] content = Fresh(4096);
    private readonly byte[] record = Fresh(60);
    private readonly byte[] mapLeaf = Fresh(1024);
    private readonly Random random = new(1);

    public override int Operations => 4096;

    public override void Execute()
    {
        for (int i = 0; i < Operations; i++)
        {
            ulong block = (ulong)random.Next(128 << 8);
            random.NextBytes(content);
            Append(2, block, content, record);
            Batch.Put(2 + block / 64, RowKind.TreeLeaf, mapLeaf);
            if (i % 32 == 31)
                Sync();
            if (i % 1024 == 1023)
                Checkpoint();
        }
    }
}

/// <summary>4 KiB read at random from a file of 128 MiB and opened.</summary>
internal sealed class RandomReadOfSegments : SegmentShape
{
    private readonly (ulong Segment, uint Offset)[] places = new (ulong, uint)[128 << 8];
    private readonly byte[] content = Fresh(4096);
    private readonly Random random = new(1);

    public RandomReadOfSegments(string folder)
        : base(folder)
    {
        for (int i = 0; i < places.Length; i++)
            places[i] = Append(2, (ulong)i, content, default);
        Checkpoint();
    }

    public override int Operations => 20_000;

    public override void Execute()
    {
        for (int i = 0; i < Operations; i++)
        {
            int block = random.Next(places.Length);
            ReadBlock(2, (ulong)block, places[block], content);
        }
    }
}
