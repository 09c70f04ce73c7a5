namespace ClawFS.Vectors.Tests.Saved;

public sealed class SavedIndexTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(VectorStorage.Resident)]
    [InlineData(VectorStorage.FloatsOnly)]
    [InlineData(VectorStorage.Compact)]
    public void What_was_saved_in_pieces_is_the_same_index_when_it_is_loaded(VectorStorage storage)
    {
        Random random = new(Seed.For(output));
        Clouds clouds = new(30, 12, random.Next());
        RowSource source = new(30);
        HnswOptions options = new() { Dimensions = 30, M = 8, Storage = storage };
        using HnswIndex index = new(options, storage == VectorStorage.Compact ? source : null);
        StoredRows rows = new();
        for (int round = 0; round < 6; round++)
        {
            for (int i = 0; i < 400; i++)
            {
                uint label = (uint)random.Next(900);
                if (random.Next(3) == 0)
                {
                    index.Remove(label);
                    source.Rows.TryRemove(label, out _);
                }
                else
                {
                    float[] vector = clouds.Next();
                    source.Rows[label] = vector;
                    index.Add(label, vector);
                }
            }

            if (round % 2 == 1)
                index.RepairAll(100);
            rows.Take(index);
            Assert.False(index.HasUnsaved);
            Assert.Equal(0, rows.Take(index));
        }

        using HnswIndex loaded = rows.Load(options, source);
        Assert.Equal(index.Count, loaded.Count);
        Assert.Equal(index.Statistics() with { MemoryBytes = 0, Levels = [] }, loaded.Statistics() with { MemoryBytes = 0, Levels = [] });
        Neighbour[] before = new Neighbour[10], after = new Neighbour[10];
        foreach (float[] query in clouds.Take(30))
        {
            Assert.Equal(index.Search(query, 10, 50, null, before), loaded.Search(query, 10, 50, null, after));
            Assert.Equal(before, after);
        }

        loaded.Add(5000, Keep(source, 5000, clouds.Next()));
        Assert.True(loaded.Contains(5000));
        Assert.True(Recall.Of(loaded, source.Rows, clouds.Take(20), 10, 100) > 0.95);
    }

    [Fact]
    public void Slices_given_out_beside_inserts_and_removals_are_the_index_once_the_rest_is_saved()
    {
        Random random = new(Seed.For(output));
        Clouds clouds = new(20, 12, random.Next());
        RowSource source = new(20);
        HnswOptions options = new() { Dimensions = 20, M = 6 };
        using HnswIndex index = new(options);
        StoredRows rows = new();
        for (uint label = 0; label < 2000; label++)
        {
            index.Add(label, Keep(source, label, clouds.Next()));
            if (random.Next(4) == 0)
                index.Remove((uint)random.Next((int)label));
            if (random.Next(20) == 0)
                rows.TakeSome(index, random.Next(1, 300));
            if (random.Next(500) == 0)
                index.RepairAll(100);
        }

        // The store was lost: all of it once more, in slices with changes between them.
        rows = new();
        index.MarkUnsaved();
        while (rows.TakeSome(index, 100) > 50)
        {
            uint label = (uint)random.Next(2000, 3000);
            index.Add(label, Keep(source, label, clouds.Next()));
            index.Remove((uint)random.Next(2000));
        }

        rows.Take(index);
        Assert.False(index.HasUnsaved);
        using HnswIndex loaded = rows.Load(options, source);
        Assert.Equal(index.Statistics() with { MemoryBytes = 0, Levels = [] }, loaded.Statistics() with { MemoryBytes = 0, Levels = [] });
        Neighbour[] before = new Neighbour[10], after = new Neighbour[10];
        foreach (float[] query in clouds.Take(30))
        {
            Assert.Equal(index.Search(query, 10, 50, null, before), loaded.Search(query, 10, 50, null, after));
            Assert.Equal(before, after);
        }
    }

    [Fact]
    public void Rows_that_are_lost_cost_their_vectors_and_nothing_else()
    {
        Random random = new(Seed.For(output));
        Clouds clouds = new(24, 6, random.Next());
        HnswOptions options = new() { Dimensions = 24 };
        float[][] vectors = clouds.Take(1000);
        RowSource source = new(24);
        using HnswIndex index = new(options);
        for (uint label = 0; label < 1000; label++)
            index.Add(label, Keep(source, label, vectors[label]));
        StoredRows rows = StoredRows.Of(index);
        foreach (uint slot in rows.LinkRows.Keys.Where(_ => random.Next(10) == 0).ToArray())
            (random.Next(2) == 0 ? rows.LinkRows : rows.CodeRows).Remove(slot);
        using HnswIndex loaded = rows.Load(options, source);
        Assert.Equal(rows.LinkRows.Keys.Intersect(rows.CodeRows.Keys).Count(), loaded.Count);
        Dictionary<uint, float[]> left = source.Rows.Where(pair => loaded.Contains(pair.Key)).ToDictionary();
        Assert.True(Recall.Of(loaded, left, clouds.Take(30), 10, 100) > 0.9);
        foreach (uint label in source.Rows.Keys.Where(label => !loaded.Contains(label)).ToArray())
            loaded.Add(label, source.Rows[label]);
        Assert.Equal(1000, loaded.Count);
        Assert.True(Recall.Of(loaded, source.Rows, clouds.Take(30), 10, 100) > 0.95);
    }

    [Fact]
    public void Damaged_rows_are_refused_or_leave_an_index_that_works()
    {
        Random random = new(Seed.For(output));
        Clouds clouds = new(18, 4, random.Next());
        HnswOptions options = new() { Dimensions = 18, M = 4 };
        RowSource source = new(18);
        using HnswIndex index = new(options);
        for (uint label = 0; label < 200; label++)
            index.Add(label, Keep(source, label, clouds.Next()));
        StoredRows whole = StoredRows.Of(index);
        int refused = 0;
        for (int round = 0; round < 400; round++)
        {
            StoredRows rows = whole.Copy();
            Damage(random, rows);
            try
            {
                using HnswIndex loaded = rows.Load(options, source);
                Neighbour[] hits = new Neighbour[10];
                Assert.Equal(Math.Min(10, loaded.Count), loaded.Search(clouds.Next(), 10, 30, null, hits));
                loaded.Add(7, clouds.Next());
                loaded.Remove(9);
                loaded.RepairAll(1000);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 50, 400);
    }

    [Fact]
    public void An_index_of_other_options_or_a_newer_version_is_refused()
    {
        HnswOptions options = new() { Dimensions = 16 };
        using HnswIndex index = new(options);
        StoredRows rows = StoredRows.Of(index);
        Assert.Throws<InvalidDataException>(() => new SavedIndex(rows.Header, options with { M = 20 }, new RowSource(16)));
        rows.Header[8] = 2;
        Assert.Contains("version 2", Assert.Throws<InvalidDataException>(() => new SavedIndex(rows.Header, options, new RowSource(16))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => new SavedIndex(rows.Header.AsSpan(0, 20), options, new RowSource(16)));
    }

    /// <summary>The example of docs/index-format.md.</summary>
    [Fact]
    public void The_documented_bytes_are_those_that_are_written()
    {
        using HnswIndex index = new(new HnswOptions { Dimensions = 17, Metric = Metric.Dot, M = 2, EfConstruction = 8, Seed = 1 });
        index.Add(10, [1, .. new float[16]]);
        index.Add(11, [.. new float[16], -1]);
        StoredRows rows = StoredRows.Of(index);
        Assert.Equal(
            "434C4157484E5357" + "0100" + "01" + "00" + "11000000" + "02000000" + "08000000" + "0100000000000000" + "0200000000000000" + "0000FE42" + "01000000" + "02000000" + "00000000",
            Convert.ToHexString(rows.Header));
        Assert.Equal("7F" + new string('0', 32), Convert.ToHexString(rows.CodeRows[1]));
        Assert.Equal(new string('0', 32) + "81", Convert.ToHexString(rows.CodeRows[2]));
        Assert.Equal("0A000000" + "02" + "00" + "01" + "02000000", Convert.ToHexString(rows.LinkRows[1]));
        Assert.Equal("0B000000" + "02" + "00" + "01" + "01000000", Convert.ToHexString(rows.LinkRows[2]));
    }

    private static float[] Keep(RowSource source, uint label, float[] vector) => source.Rows[label] = vector;

    private static void Damage(Random random, StoredRows rows)
    {
        Dictionary<uint, byte[]> table = random.Next(4) == 0 ? rows.CodeRows : rows.LinkRows;
        uint slot = table.Keys.ElementAt(random.Next(table.Count));
        byte[] row = table[slot];
        switch (random.Next(6))
        {
            case 0:
                rows.Header[random.Next(rows.Header.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                table[slot] = row[..random.Next(row.Length)];
                break;
            case 2:
                table[slot] = [.. row, (byte)random.Next(256)];
                break;
            case 3:
                table[(uint)random.Next()] = row;
                break;
            default:
                row[random.Next(row.Length)] = (byte)random.Next(256);
                break;
        }
    }
}
