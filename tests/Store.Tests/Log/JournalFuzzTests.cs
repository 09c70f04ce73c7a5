using ClawFS.Store.Log;

namespace ClawFS.Store.Tests.Log;

public sealed class JournalFuzzTests
{
    [Fact]
    public void Whatever_is_changed_in_the_files_replay_gives_a_prefix_or_refuses()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var fixture = new JournalFixture();
        string[] texts = [.. Enumerable.Range(0, 60).Select(i => new string((char)('a' + i % 26), random.Next(200)))];
        for (int i = 0; i < texts.Length; i++)
        {
            fixture.Append(texts[i]);
            if (i % 20 == 19)
                fixture.Journal.Rotate();
        }
        fixture.Journal.Dispose();
        Dictionary<string, byte[]> whole = fixture.Files().ToDictionary(static f => f, f => Used(File.ReadAllBytes(fixture.Scratch.File(f))));
        int shorter = 0;
        for (int round = 0; round < 300; round++)
        {
            foreach ((string name, byte[] bytes) in whole)
                File.WriteAllBytes(fixture.Scratch.File(name), bytes);
            string victim = whole.Keys.ElementAt(random.Next(whole.Count));
            File.WriteAllBytes(fixture.Scratch.File(victim), Damage(random, whole[victim]));
            fixture.Open();
            try
            {
                List<string> records = fixture.Replay(out ReplayResult result);
                Assert.Equal(texts[..records.Count], records);
                Assert.Equal((ulong)records.Count + 1, result.Next);
                shorter += records.Count < texts.Length ? 1 : 0;
            }
            catch (StoreException)
            {
                shorter++;
            }
            fixture.Journal.Dispose();
        }
        Assert.InRange(shorter, 100, 300);
    }

    private static byte[] Used(byte[] bytes) => bytes[..(bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1)];

    private static byte[] Damage(Random random, byte[] whole)
    {
        byte[] bytes = [.. whole];
        if (random.Next(3) == 0)
            return bytes[..random.Next(bytes.Length)];
        for (int i = random.Next(1, 4); i > 0; i--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }
}
