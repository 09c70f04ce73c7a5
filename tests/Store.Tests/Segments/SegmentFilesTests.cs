using ClawFS.Linux;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Tests.Segments;

public sealed class SegmentFilesTests : IDisposable
{
    private readonly SegmentFixture fixture = new(capacity: 4);

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void A_segment_has_a_salt_of_its_own_and_keeps_it()
    {
        ulong first = Make(1), second = Make(2);
        Assert.NotEqual(first, second);
        using var again = new SegmentFiles(fixture.Scratch.Open(), fixture.Store);
        SegmentFile segment = again.Get(1, first);
        Assert.Equal(first, segment.Salt);
        Assert.Equal(SegmentHeader.Size, segment.Length);
        segment.Release();
    }

    [Fact]
    public void A_segment_of_another_generation_is_refused()
    {
        ulong salt = Make(1);
        AssertDamaged("segment 0000000000000001 is of another generation of this store", () => fixture.Files.Get(1, salt + 1));
    }

    [Fact]
    public void A_missing_a_cut_and_a_foreign_segment_are_refused()
    {
        AssertDamaged("segment 0000000000000009 is missing", () => fixture.Files.Get(9));
        Make(1);
        Make(2);
        using var cold = new SegmentFiles(fixture.Scratch.Open(), fixture.Store);
        File.Copy(fixture.PathOf(1), fixture.PathOf(3));
        AssertDamaged("segment 0000000000000003 holds the header of another segment or store", () => cold.Get(3));
        using var other = new SegmentFiles(fixture.Scratch.Open(), Guid.NewGuid());
        AssertDamaged("segment 0000000000000001 holds the header of another segment or store", () => other.Get(1));
        File.WriteAllBytes(fixture.PathOf(2), File.ReadAllBytes(fixture.PathOf(2))[..63]);
        AssertDamaged("segment 0000000000000002 has no header", () => cold.Get(2));
    }

    [Theory]
    [InlineData(3, "segment 0000000000000001 was made by a newer claw (format 3, this one knows 2)")]
    [InlineData(1, "segment 0000000000000001 was made by an older claw (format 1, this one knows 2)")]
    public void A_segment_of_another_format_is_refused_by_name(byte format, string message)
    {
        Make(1);
        byte[] bytes = File.ReadAllBytes(fixture.PathOf(1));
        bytes[8] = format;
        File.WriteAllBytes(fixture.PathOf(1), bytes);
        using var cold = new SegmentFiles(fixture.Scratch.Open(), fixture.Store);
        var refused = Assert.Throws<StoreException>(() => cold.Get(1));
        Assert.Equal((Errno.EOPNOTSUPP, message), (refused.Error, refused.Message));
    }

    [Fact]
    public void A_reader_keeps_its_segment_while_it_is_deleted()
    {
        (ulong id, uint offset) = fixture.Append([1, 2, 3]);
        SegmentFile held = fixture.Files.Get(id);
        Assert.True(fixture.Files.Delete(id));
        Assert.False(fixture.Files.Delete(id));
        byte[] bytes = new byte[3];
        held.Read(bytes, offset);
        Assert.Equal([1, 2, 3], bytes);
        held.Release();
        Assert.Throws<StoreException>(() => fixture.Files.Get(id));
        Assert.Empty(fixture.Files.List());
    }

    [Fact]
    public void Only_so_many_segments_stay_open_and_all_stay_readable()
    {
        for (ulong id = 1; id <= 20; id++)
            Make(id);
        int open = Directory.GetFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(fixture.Scratch.Path + "/", StringComparison.Ordinal) == true);
        Assert.InRange(open, 1, 4);
        for (ulong id = 1; id <= 20; id++)
            fixture.Files.Get(id).Release();
    }

    [Fact]
    public void An_id_is_never_made_twice()
    {
        Make(1);
        Assert.Equal(Errno.EEXIST, Assert.Throws<StoreException>(() => fixture.Files.Create(1)).Error);
        Assert.Equal([1UL], fixture.Files.List());
    }

    [Fact]
    public void Other_names_in_the_folder_are_passed_over()
    {
        Make(0xAB);
        File.WriteAllText(fixture.Scratch.File("note"), "");
        File.WriteAllText(fixture.Scratch.File("00000000000000AC"), "");
        Assert.Equal([0xABUL], fixture.Files.List());
    }

    [Fact]
    public async Task Readers_beside_deletion_get_the_bytes_or_a_clear_refusal()
    {
        byte[] expected = [5, 6, 7];
        for (int round = 0; round < 50; round++)
        {
            (ulong id, uint offset) = fixture.Append(expected);
            fixture.Writer.EndSegment();
            Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => ReadUntilGone(id, offset, expected)))];
            fixture.Files.Delete(id);
            await Task.WhenAll(readers);
        }
    }

    private void ReadUntilGone(ulong id, uint offset, byte[] expected)
    {
        while (true)
        {
            try
            {
                Assert.Equal(expected, fixture.Read(id, offset, expected.Length));
            }
            catch (StoreException e)
            {
                Assert.Contains("is missing", e.Message, StringComparison.Ordinal);
                return;
            }
        }
    }

    private ulong Make(ulong id)
    {
        SegmentFile segment = fixture.Files.Create(id);
        segment.Release();
        return segment.Salt;
    }

    private static void AssertDamaged(string message, Action action)
    {
        var refused = Assert.Throws<StoreException>(action);
        Assert.Equal((Errno.EIO, message), (refused.Error, refused.Message));
    }
}
