using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Rows;

public sealed class RowFuzzTests
{
    private const int Rows = 60, Rounds = 200;

    [Fact]
    public void Whatever_is_changed_in_the_file_a_row_is_right_or_refused()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var fixture = new RowFixture();
        for (ulong id = 2; id < 2 + Rows; id++)
            fixture.Put(id * 37, [.. Enumerable.Repeat((byte)id, 200)]);
        fixture.Shut();
        byte[] whole = File.ReadAllBytes(fixture.Scratch.File(SqliteRows.FileName));
        int refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            File.WriteAllBytes(fixture.Scratch.File(SqliteRows.FileName), Damage(random, whole));
            File.Delete(fixture.Scratch.File(SqliteRows.FileName + "-wal"));
            File.Delete(fixture.Scratch.File(SqliteRows.FileName + "-shm"));
            refused += CountRefusals(fixture);
        }
        Assert.InRange(refused, Rounds / 4, Rounds * (Rows + 1));
    }

    private static byte[] Damage(Random random, byte[] whole)
    {
        byte[] bytes = [.. whole];
        switch (random.Next(4))
        {
            case 0:
                bytes = bytes[..random.Next(bytes.Length)];
                break;
            case 1:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length - 64), 64));
                break;
            case 2:
                int from = random.Next(bytes.Length / 4096), to = random.Next(bytes.Length / 4096);
                whole.AsSpan(from * 4096, 4096).CopyTo(bytes.AsSpan(to * 4096));
                break;
            default:
                for (int i = random.Next(1, 20); i > 0; i--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
        }
        return bytes;
    }

    private static int CountRefusals(RowFixture fixture)
    {
        int refused = 0;
        try
        {
            fixture.ReopenAfterShut();
        }
        catch (StoreException)
        {
            return 1;
        }
        for (ulong id = 2; id < 2 + Rows; id++)
        {
            try
            {
                Assert.Equal([.. Enumerable.Repeat((byte)id, 200)], fixture.Get(id * 37)!);
            }
            catch (StoreException)
            {
                refused++;
            }
        }
        fixture.Rows.Dispose();
        return refused;
    }
}
