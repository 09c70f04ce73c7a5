using ClawFS.Linux;
using ClawFS.Store.Maps;

namespace ClawFS.Store.Tests.Maps;

public sealed class PagedMapTests(ITestOutputHelper output)
{
    private readonly PageRows rows = new();

    [Theory]
    [InlineData(300, 400, 40)]
    [InlineData(20_000, 60_000, 18)]
    [InlineData(2_000, 3_000, 1024)]
    public void A_map_behaves_like_a_sorted_dictionary_across_snapshots(int keys, int steps, int longestValue)
    {
        int seed = Seed.For(output);
        var random = new Random(seed);
        var model = new SortedDictionary<ulong, byte[]>();
        var map = new PagedMap(rows);
        for (int step = 0; step < steps; step++)
        {
            ulong key = (ulong)random.Next(keys) * 3;
            switch (random.Next(10))
            {
                case < 6:
                    byte[] value = new byte[random.Next(longestValue + 1)];
                    random.NextBytes(value);
                    map.Set(key, value);
                    model[key] = value;
                    break;
                case < 9:
                    Assert.Equal(model.Remove(key), map.Remove(key));
                    break;
                default:
                    CheckAround(map, model, key + (ulong)random.Next(3));
                    break;
            }
            if (random.Next(steps / 12) == 0)
            {
                byte[] owner = rows.Save(map);
                map = random.Next(3) == 0 ? map : rows.Load(owner);
                Assert.Equal(rows.Rows.Keys.Order(), map.OwnedRows().Order());
            }
            if (random.Next(steps / 20) == 0)
            {
                map.TrimClean();
            }
        }
        CheckAll(map, model);
        CheckAll(rows.Load(rows.Save(map)), model);
    }

    [Fact]
    public void A_small_map_lives_in_its_owners_row_and_an_emptied_one_keeps_no_row()
    {
        var map = new PagedMap(rows);
        for (ulong key = 0; key < 20; key++)
        {
            map.Set(key, new byte[30]);
        }
        rows.Save(map);
        Assert.Empty(rows.Rows);

        for (ulong key = 0; key < 20_000; key++)
        {
            map.Set(key, new byte[30]);
        }
        rows.Save(map);
        Assert.True(map.PageCount > PagedMap.IndexInOwner);
        Assert.Equal(map.PageCount + 1, rows.Rows.Count);

        for (ulong key = 0; key < 20_000; key++)
        {
            Assert.True(map.Remove(key));
        }
        byte[] owner = rows.Save(map);
        Assert.Empty(rows.Rows);
        Assert.True(rows.Load(owner).IsEmpty);
    }

    [Fact]
    public void Ascending_keys_fill_their_pages()
    {
        var map = new PagedMap(rows);
        const int Count = 10_000;
        for (ulong key = 0; key < Count; key++)
        {
            map.Set(key, new byte[18]);
        }
        int least = Count * (18 + MapPage.EntryHeader) / MapPage.Capacity;
        Assert.InRange(map.PageCount, least, least + 2);
    }

    [Fact]
    public void Clearing_gives_every_row_back()
    {
        var map = new PagedMap(rows);
        for (ulong key = 0; key < 30_000; key++)
        {
            map.Set(key, new byte[20]);
        }
        map = rows.Load(rows.Save(map));
        map.Clear();
        Assert.True(map.IsEmpty);
        rows.Save(map);
        Assert.Empty(rows.Rows);
    }

    [Fact]
    public void Hostile_page_bytes_are_refused_or_are_an_ordered_page()
    {
        int seed = Seed.For(output);
        var random = new Random(seed);
        for (int i = 0; i < 50_000; i++)
        {
            byte[] bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            for (int at = 8; at < bytes.Length; at += 10 + random.Next(6))
            {
                bytes[at] = (byte)random.Next(8);
                bytes[Math.Min(at + 1, bytes.Length - 1)] = 0;
            }
            if (!MapPage.TryParse(7, bytes, out MapPage page))
            {
                continue;
            }
            ulong last = 0;
            int count = 0;
            for (int at = 0; at < page.Used; at = page.Next(at))
            {
                Assert.True(count == 0 || page.KeyAt(at) > last);
                last = page.KeyAt(at);
                _ = page.ValueAt(at).Length;
                count++;
            }
            Assert.Equal(page.Count, count);
        }
    }

    [Fact]
    public void Hostile_owner_rows_are_EIO()
    {
        int seed = Seed.For(output);
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] owner = new byte[random.Next(1, 60)];
            random.NextBytes(owner);
            owner[0] = (byte)random.Next(5);
            for (int at = 2; at < Math.Min(owner.Length, 5); at++)
            {
                owner[at] = 0;
            }
            try
            {
                var map = new PagedMap(rows);
                var reader = new SpanReader(owner);
                map.Load(ref reader);
                for (ulong at = 0; map.TryAtLeast(at, out ulong found, out _) && found != ulong.MaxValue; at = found + 1)
                {
                }
            }
            catch (StoreException e)
            {
                Assert.Equal(Errno.EIO, e.Error);
            }
        }
    }

    [Fact]
    public void An_empty_page_row_behind_an_index_does_not_confuse_the_search()
    {
        var map = new PagedMap(rows);
        for (ulong key = 0; key < 1000; key++)
        {
            map.Set(key, new byte[20]);
        }
        byte[] owner = rows.Save(map);
        rows.Rows[map.OwnedRows().First()] = [];
        map = rows.Load(owner);
        Assert.True(map.TryAtLeast(0, out ulong found, out _));
        Assert.True(found > 0);
        Assert.False(map.TryAtMost(5, out _, out _));
        Assert.False(map.Remove(5));
    }

    private static void CheckAround(PagedMap map, SortedDictionary<ulong, byte[]> model, ulong key)
    {
        var above = model.Where(p => p.Key >= key).Take(1).ToArray();
        Assert.Equal(above.Length == 1, map.TryAtLeast(key, out ulong found, out ReadOnlySpan<byte> value));
        if (above.Length == 1)
        {
            Assert.Equal(above[0].Key, found);
            Assert.Equal(above[0].Value, value.ToArray());
        }
        var below = model.Where(p => p.Key <= key).TakeLast(1).ToArray();
        Assert.Equal(below.Length == 1, map.TryAtMost(key, out found, out value));
        if (below.Length == 1)
        {
            Assert.Equal(below[0].Key, found);
            Assert.Equal(below[0].Value, value.ToArray());
        }
    }

    private static void CheckAll(PagedMap map, SortedDictionary<ulong, byte[]> model)
    {
        ulong at = 0;
        foreach ((ulong key, byte[] expected) in model)
        {
            Assert.True(map.TryAtLeast(at, out ulong found, out ReadOnlySpan<byte> value));
            Assert.Equal(key, found);
            Assert.Equal(expected, value.ToArray());
            at = key + 1;
        }
        Assert.False(map.TryAtLeast(at, out _, out _));
        Assert.Equal(model.Count == 0, map.IsEmpty);
    }
}
