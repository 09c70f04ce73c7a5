using System.Globalization;
using System.Text;
using System.Text.Json;
using ClawOS.Mounting;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Mount.Tests.Store;

/// <summary>Bytes of a closed store are changed: what is touched is EIO, nothing is ever wrong plaintext, the rest is readable.</summary>
public sealed class DamageTests : ProductTests
{
    private const int Files = 40, Damaged = 6;
    private static readonly int[] s_sizes = [100, 5_000, 15_000, 70_000, 400_000];

    [Fact]
    public void Flipped_bytes_in_segments_are_EIO_and_told_in_sys_errors()
    {
        using ClawMount claw = MakeStore();
        Random random = Seeded(out int seed);
        foreach (string segment in Segments(claw))
            Flip(segment, random, Math.Max(1, (int)(new FileInfo(segment).Length / 400_000)));
        claw.Up();
        (int right, int failed) = ReadAll(claw, seed);
        Assert.True(failed > 0, $"seed {seed}: no flipped byte was noticed");
        Assert.True(right >= Files / 4, $"seed {seed}: only {right} of {Files} files are readable");
        Assert.NotEqual("", File.ReadAllText(Path.Combine(claw.Mount, "sys", "errors")).Trim());
        claw.Down();
        Assert.Equal(Damaged, claw.Claw("fsck", claw.Store).ExitCode);
    }

    [Fact]
    public void The_background_check_of_a_mount_tells_damage_that_nobody_has_read_yet()
    {
        using ClawMount claw = MakeStore();
        claw.Up();
        Assert.Contains("\"problems\":0", Scrub(claw), StringComparison.Ordinal);
        Assert.Equal("ok\n", Sys(claw, "health"));
        Random random = Seeded(out int seed);
        foreach (string segment in Segments(claw))
            Flip(segment, random, Math.Max(1, (int)(new FileInfo(segment).Length / 400_000)));
        Assert.DoesNotContain("\"problems\":0", Scrub(claw), StringComparison.Ordinal);
        Assert.Contains("damage: the background check has found", Sys(claw, "health"), StringComparison.Ordinal);
        Assert.Contains("background check: BlockDamaged", Sys(claw, "errors"), StringComparison.Ordinal);
        Assert.DoesNotContain("problems 0\n", Sys(claw, "fs/scrub"), StringComparison.Ordinal);
        string[] told = [.. Legible(claw, "events.1", "events").Where(static line => line.Contains("\"event\":\"damage\"", StringComparison.Ordinal))];
        Assert.True(told.Any(static line => line.Contains("\"path\":\"memory/d/file", StringComparison.Ordinal)), $"seed {seed}: {string.Join("\n", told)}");
        // What has no path is a file of ClawOS itself (the search index): nothing a listing shows.
        HashSet<string> listed = [.. Programs.Shell(claw.Mount, "find memory -printf '%i\n'").Split('\n')];
        Assert.All(told, line => Assert.True(line.Contains("\"path\":\"", StringComparison.Ordinal) || !listed.Contains(InodeOf(line)), $"seed {seed}: {line}"));
        claw.Claw("fsck", claw.Mount, "--repair").Must();
        Assert.Equal("ok\n", Sys(claw, "health"));
        claw.Down();
    }

    [Fact]
    public void A_segment_cut_short_is_EIO_for_its_files_only()
    {
        using ClawMount claw = MakeStore();
        string segment = Segments(claw).MaxBy(s => new FileInfo(s).Length)!;
        using (FileStream file = new(segment, FileMode.Open))
            file.SetLength(file.Length * 2 / 3);
        ProgramResult up = claw.TryUp();
        if (up.ExitCode == Damaged)
            return;
        up.Must();
        (int right, int failed) = ReadAll(claw, 0);
        Assert.True(failed > 0 && right > 0, $"{right} readable, {failed} refused");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Flipped_bytes_in_the_database_never_give_wrong_plaintext(int seed)
    {
        using ClawMount claw = MakeStore();
        Flip(Path.Combine(claw.Store, "claw.db"), new Random(seed), seed * 3);
        ProgramResult up = claw.TryUp();
        if (up.ExitCode != 0)
        {
            Assert.Equal(Damaged, up.ExitCode);
            Assert.Single(up.Err.Trim().Split('\n'));
            return;
        }
        ReadAll(claw, seed);
    }

    [Theory]
    [InlineData("claw.db")]
    [InlineData("claw.keys")]
    public void A_file_of_the_store_cut_to_half_is_refused_or_EIO(string name)
    {
        using ClawMount claw = MakeStore();
        using (FileStream file = new(Path.Combine(claw.Store, name), FileMode.Open))
            file.SetLength(file.Length / 2);
        ProgramResult up = claw.TryUp();
        if (up.ExitCode != 0)
        {
            Assert.Single(up.Err.Trim().Split('\n'));
            return;
        }
        ReadAll(claw, 0);
    }

    private static string InodeOf(string line) => JsonDocument.Parse(line).RootElement.GetProperty("ino").GetUInt64().ToString(CultureInfo.InvariantCulture);

    private static string Scrub(ClawMount claw) => Programs.Shell(claw.Mount, "exec 3<>sys/ctl; echo '{\"command\":\"scrub\"}' >&3; cat <&3");

    private static string Sys(ClawMount claw, string file) => File.ReadAllText(Path.Combine(claw.Mount, "sys", file));

    // A flipped byte may be one of the event log itself: the rest of it is there.
    private static string[] Legible(ClawMount claw, params string[] files)
    {
        const int Block = 4096;
        byte[] block = new byte[Block];
        StringBuilder text = new();
        foreach (string file in files)
        {
            using SafeFileHandle open = File.OpenHandle(Path.Combine(claw.Mount, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            for (long at = 0; at < RandomAccess.GetLength(open); at += Block)
            {
                try
                {
                    text.Append(Encoding.UTF8.GetString(block, 0, RandomAccess.Read(open, block, at)));
                }
                catch (IOException e) when (e.Message.Contains("Input/output error", StringComparison.Ordinal))
                {
                    text.Append('\n');
                }
            }
        }
        return text.ToString().Split('\n');
    }

    private static ClawMount MakeStore()
    {
        ClawMount claw = new ClawMount().Up();
        Directory.CreateDirectory(Path.Combine(claw.Memory, "d"));
        for (int i = 0; i < Files; i++)
            File.WriteAllBytes(Name(claw, i), Content(i, s_sizes[i % s_sizes.Length]));
        claw.Down();
        return claw;
    }

    private static string Name(ClawMount claw, int i) => Path.Combine(claw.Memory, "d", $"file{i}");

    private static string[] Segments(ClawMount claw) => Directory.GetFiles(Path.Combine(claw.Store, "seg"));

    private static Random Seeded(out int seed)
    {
        seed = Random.Shared.Next();
        return new Random(seed);
    }

    private static void Flip(string path, Random random, int count)
    {
        using FileStream file = new(path, FileMode.Open);
        for (int i = 0; i < count; i++)
        {
            long at = random.NextInt64(file.Length / 10, file.Length);
            file.Position = at;
            int old = file.ReadByte();
            file.Position = at;
            file.WriteByte((byte)(old ^ (1 << random.Next(8))));
        }
    }

    // A file is whole or refused; anything else is wrong plaintext or damage shown as absence.
    private static (int Right, int Failed) ReadAll(ClawMount claw, int seed)
    {
        int right = 0, failed = 0;
        for (int i = 0; i < Files; i++)
        {
            (byte[]? data, string error) = TryRead(Name(claw, i));
            if (data is null)
            {
                Assert.True(error.Contains("Input/output error", StringComparison.Ordinal), $"seed {seed}, file {i}: {error}");
                failed++;
                continue;
            }
            Assert.True(data.AsSpan().SequenceEqual(Content(i, s_sizes[i % s_sizes.Length])), $"seed {seed}: file {i} has wrong content");
            right++;
        }
        return (right, failed);
    }
}
