using ClawFS.Store.Segments;

namespace ClawFS.Store.Tests.Segments;

/// <summary>A scratch folder with segments.</summary>
internal sealed class SegmentFixture : IDisposable
{
    private ulong lastId;

    public SegmentFixture(int capacity = 256)
    {
        Folder = new FaultyFolder(Scratch.Open());
        Files = new SegmentFiles(Folder, Store, readOnly: false, capacity);
        Writer = new SegmentWriter(Files, () => ++lastId);
    }

    public Guid Store { get; } = Guid.NewGuid();
    public ScratchFolder Scratch { get; } = new();
    public FaultyFolder Folder { get; }
    public SegmentFiles Files { get; }
    public SegmentWriter Writer { get; }

    public string PathOf(ulong id) => Scratch.File(id.ToString("x16"));

    /// <summary>Reserves a place, fills it, and tells where it is.</summary>
    public (ulong Id, uint Offset) Append(byte[] bytes, bool onPage = false)
    {
        Writer.Reserve(bytes.Length, onPage, out SegmentFile segment, out uint offset);
        try
        {
            Writer.Write(segment, bytes, offset);
            return (segment.Id, offset);
        }
        finally
        {
            segment.Release();
        }
    }

    public byte[] Read(ulong id, uint offset, int length)
    {
        SegmentFile segment = Files.Get(id);
        try
        {
            byte[] bytes = new byte[length];
            segment.Read(bytes, offset);
            return bytes;
        }
        finally
        {
            segment.Release();
        }
    }

    public void Dispose()
    {
        Writer.Dispose();
        Files.Dispose();
        Scratch.Dispose();
    }
}
