using System.Text;
using ClawFS.Search.Index;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Tests.Index;

public sealed class IndexRecordsTests
{
    private static readonly Chunk s_chunk = new(0, 3, 1, 1, "", MarkupState.Text);

    private static IndexedFile File(ulong inode, string name = "a.md") => new()
    {
        Inode = inode, Folder = 2, Name = name, Ctime = new(1, 2), Mtime = new(3, 4), Size = 3, Kind = TextKind.Markdown, Sha256 = new byte[32], Tags = "work",
    };

    [Fact]
    public void A_file_is_written_as_the_document_says()
    {
        IndexState state = new();
        ChunkTerms terms = ChunkTerms.From([state.Terms.Add("key"u8)]);
        RecordWriter writer = new();
        IndexRecords.WriteTerms(writer, state.Terms, 0);
        IndexRecords.WriteFile(writer, File(5), [s_chunk], [terms]);
        string expected =
            "01" + "05000000" + "00" + "036B6579"
            + "02" + "66000000" + "0500000000000000" + "0200000000000000" + "04612E6D64" + "0100000000000000" + "02000000" + "0300000000000000" + "04000000" + "04776F726B"
            + "0300000000000000" + new string('0', 64) + "02" + "01" + "00" + "03" + "01" + "00" + "00" + "01" + "03010100";
        Assert.Equal(expected, Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        IndexState from = new(), to = new();
        RecordWriter writer = new();
        int[] ids = [.. "alpha beta gamma".Split(' ').Select(word => from.Terms.Add(Encoding.UTF8.GetBytes(word)))];
        Chunk[] chunks = [s_chunk with { Heading = "A > B" }, s_chunk with { Start = 3, FirstLine = 2, LastLine = 9, Heading = "A > B" }, s_chunk with { Start = 6, Heading = "" }];
        ChunkTerms[] terms = [ChunkTerms.From([ids[0], ids[0], ids[2]]), ChunkTerms.From([ids[1]]), ChunkTerms.From([])];
        IndexRecords.WriteTerms(writer, from.Terms, 0);
        IndexRecords.WriteFile(writer, File(5), chunks, terms);
        IndexRecords.WriteFile(writer, File(6, "gone"), chunks, terms);
        IndexRecords.WriteSkipped(writer, File(7, "x.pdf") with { Skipped = "pdf" });
        IndexRecords.WriteRestated(writer, File(5, "b.md"));
        IndexRecords.WriteRemoved(writer, 6);
        Apply(writer.Written, to);
        Assert.Equal([5UL, 7UL], to.Files.Select(file => file.Inode).Order());
        Assert.Equal("b.md", to.Find(5)!.Name);
        Assert.Equal("pdf", to.Find(7)!.Skipped);
        Assert.Equal((1, 1, 3), (to.FileCount, to.SkippedCount, to.Chunks.Live));
        Assert.Equal(chunks, Enumerable.Range(0, 3).Select(i => to.Chunks[to.Find(5)!.FirstChunk + (uint)i].Chunk));
        Assert.Equal(terms[0].Bytes.ToArray(), to.TermsOf(to.Find(5)!.FirstChunk).Bytes.ToArray());
        Assert.Equal(1, to.Words.ChunksWith(ids[0]));
    }

    [Fact]
    public void Damaged_records_are_refused_and_nothing_else_happens()
    {
        Random random = Seed.Random();
        IndexState state = new();
        RecordWriter writer = new();
        ChunkTerms terms = ChunkTerms.From([state.Terms.Add("key"u8), state.Terms.Add("word"u8)]);
        IndexRecords.WriteTerms(writer, state.Terms, 0);
        IndexRecords.WriteFile(writer, File(5), [s_chunk, s_chunk], [terms, terms]);
        byte[] good = writer.Written.ToArray();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. good];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            try
            {
                Apply(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)), new IndexState());
            }
            catch (InvalidDataException)
            {
                // The only way out for what no record can say.
            }
        }
    }

    [Fact]
    public void Any_order_of_changes_ends_in_what_a_plain_table_says()
    {
        Random random = Seed.Random();
        IndexState state = new();
        Dictionary<ulong, string> model = [];
        string[] words = ["alpha", "beta", "gamma", "delta"];
        for (int round = 0; round < 5000; round++)
        {
            ulong inode = (ulong)random.Next(2, 40);
            if (random.Next(4) == 0)
            {
                Assert.Equal(model.Remove(inode), state.Remove(inode));
            }
            else
            {
                string word = words[random.Next(words.Length)];
                state.Put(File(inode), [s_chunk], [ChunkTerms.From([state.Terms.Add(Encoding.UTF8.GetBytes(word))])]);
                model[inode] = word;
            }
            if (random.Next(20) == 0)
            {
                state.Publish();
                foreach (string word in words)
                {
                    int term = state.Terms.Find(Encoding.UTF8.GetBytes(word));
                    Assert.Equal(model.Values.Count(value => value == word), term < 0 ? 0 : state.Words.ChunksWith(term));
                }
            }
        }
        Assert.Equal(model.Count, state.FileCount);
        Assert.Equal(model.Count, state.Chunks.Live);
    }

    private static void Apply(ReadOnlySpan<byte> bytes, IndexState state)
    {
        while (bytes.Length >= RecordLog.RecordHeader)
        {
            int length = BitConverter.ToInt32(bytes[1..]);
            if (length < 0 || length > bytes.Length - RecordLog.RecordHeader)
            {
                break;
            }
            IndexRecords.Apply((RecordKind)bytes[0], new RecordReader(bytes.Slice(RecordLog.RecordHeader, length)), state);
            bytes = bytes[(RecordLog.RecordHeader + length)..];
        }
        state.Publish();
    }
}
