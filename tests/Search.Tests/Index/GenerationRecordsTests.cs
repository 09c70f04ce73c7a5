using ClawFS.Linux;
using ClawFS.Search.Index;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;
using ClawFS.Search.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Tests.Index;

public sealed class GenerationRecordsTests
{
    [Fact]
    public void The_head_and_the_identity_of_a_chunk_are_as_the_document_says()
    {
        TermTable terms = new();
        terms.Add("key"u8);
        terms.Add("vault"u8);
        RecordWriter writer = new();
        IndexSettings settings = new() { Dimensions = 256, M = 16, EfConstruction = 200, IsCompact = true };
        new GenerationHead(3, "lsi", 64, settings, new FusionWeights(0.5f, 200), 2, GenerationHead.HashOf(terms, 2)).Write(writer);
        Assert.Equal("01" + "1B000000" + "03" + "036C7369" + "40" + "8002" + "10" + "C801" + "01" + "0000003F" + "C801" + "02" + "0CC193CF6C9E8E6B", Convert.ToHexString(writer.Written));
        IndexedFile file = new() { Inode = 5, Folder = 2, Name = "a.md", Ctime = new(1, 2), Mtime = new(3, 4), Sha256 = new byte[32] };
        Assert.Equal(0x9702F18381F17B8A, ChunkIdentity.Of(new ChunkPlace(file, new Chunk(0, 3, 1, 1, "", MarkupState.Text))));
    }

    [Fact]
    public void What_a_head_says_is_what_is_read()
    {
        IndexSettings settings = new() { Dimensions = 128, M = 8, EfConstruction = 100 };
        GenerationHead head = new(7, "lsi", 100, settings, new FusionWeights(0.81f, 199), 1000, 12345);
        RecordWriter writer = new();
        head.Write(writer);
        Assert.Equal(head, GenerationHead.Read(new RecordReader(writer.Written[RecordLog.RecordHeader..])));
        for (int length = RecordLog.RecordHeader; length < writer.Length; length++)
        {
            byte[] cut = writer.Written[RecordLog.RecordHeader..length].ToArray();
            Assert.Throws<InvalidDataException>(() => GenerationHead.Read(new RecordReader(cut)));
        }
    }

    [Fact]
    public void Chunks_of_the_same_text_in_files_of_the_same_name_are_one_and_all_others_are_not()
    {
        Chunk chunk = new(0, 3, 1, 1, "", MarkupState.Text);
        IndexedFile file = new() { Inode = 5, Folder = 2, Name = "a.md", Ctime = new(1, 2), Mtime = new(3, 4), Sha256 = new byte[32] };
        ulong id = ChunkIdentity.Of(new(file, chunk));
        Assert.Equal(id, ChunkIdentity.Of(new(file with { Inode = 6, Folder = 3, Tags = "x", Ctime = new(9, 9) }, chunk with { FirstLine = 1 })));
        Assert.NotEqual(id, ChunkIdentity.Of(new(file with { Name = "b.md" }, chunk)));
        Assert.NotEqual(id, ChunkIdentity.Of(new(file with { Sha256 = [1, .. new byte[31]] }, chunk)));
        Assert.NotEqual(id, ChunkIdentity.Of(new(file, chunk with { Start = 1 })));
        Assert.NotEqual(id, ChunkIdentity.Of(new(file, chunk with { Length = 4 })));
    }

    [Fact]
    public void A_row_is_read_as_it_was_written_until_it_is_another_chunks()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        VectorRows rows = new(() => new Store.HiddenFile(store.Tree, "rows"), 20);
        Dictionary<uint, float[]> expected = [];
        for (uint chunk = 0; chunk < 300; chunk++)
        {
            float[] vector = [.. Enumerable.Range(0, 20).Select(_ => random.NextSingle() + 0.1f)];
            if (chunk >= 100 && random.Next(2) == 0)
            {
                uint gone = expected.Keys.ElementAt(random.Next(expected.Count));
                expected.Remove(gone);
                rows.Remove(gone);
            }
            rows.Put([new ChunkToEmbed(chunk, chunk + 1000, default, "")], vector);
            expected[chunk] = vector;
            if (random.Next(4) == 0)
                rows.Flush();
        }
        rows.Flush();
        Assert.False(rows.IsBehind);
        uint[] asked = [.. Enumerable.Range(0, 310).Select(static i => (uint)i)];
        float[] read = new float[asked.Length * 20];
        rows.Read(asked, read);
        foreach (uint chunk in asked)
        {
            ReadOnlySpan<float> row = read.AsSpan((int)chunk * 20, 20);
            Assert.True(expected.TryGetValue(chunk, out float[]? vector) ? row.SequenceEqual(vector) : float.IsNaN(row[0]), $"chunk {chunk}");
        }
        Assert.False(rows.TryTakeLost(out _));
        // Behind its back the file loses what chunk 299 has.
        new Store.HiddenFile(store.Tree, "rows").Truncate((rows[299].Row - 1) * rows.Stride);
        rows.Read([299], read.AsSpan(0, 20));
        Assert.True(float.IsNaN(read[0]) && rows.TryTakeLost(out uint lost) && lost == 299);
    }

    [Fact]
    public void Rows_that_the_store_does_not_take_stay_in_memory_and_go_there_later()
    {
        using IndexedStore store = new();
        bool isFull = true;
        VectorRows rows = new(() => isFull ? throw new Store.StoreException(Errno.ENOSPC, "full") : new Store.HiddenFile(store.Tree, "rows"), 2);
        rows.Put([new ChunkToEmbed(4, 1, default, ""), new ChunkToEmbed(5, 2, default, "")], [1, 2, 0, 0]);
        Assert.Throws<Store.StoreException>(rows.Flush);
        float[] read = new float[4];
        rows.Read([4, 5], read);
        Assert.Equal([1, 2, float.NaN, float.NaN], read);
        Assert.True(rows.IsBehind);
        isFull = false;
        rows.Flush();
        Assert.False(rows.IsBehind);
        rows.Read([4], read.AsSpan(0, 2));
        Assert.Equal([1, 2], read[..2]);
    }
}
