namespace ClawFS.Linux.Tests;

public sealed class ControlFileTests
{
    [Fact]
    public void The_errno_of_a_write_is_the_answer()
    {
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => ControlFile.Write("/proc/self/no-such-file", "1")).Error);

        // The kernel takes no word for a score.
        LinuxException refusal = Assert.Throws<LinuxException>(() => ControlFile.Write("/proc/self/oom_score_adj", "word"));
        Assert.Equal(Errno.EINVAL, refusal.Error);
        Assert.Contains("write 'word' to /proc/self/oom_score_adj", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_neither_makes_a_file_nor_cuts_one()
    {
        using TempFolder temp = new();
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => ControlFile.Write(temp["absent"], "1")).Error);
        File.WriteAllText(temp["there"], "12345");
        ControlFile.Write(temp["there"], "ab");
        Assert.Equal("ab345", ControlFile.ReadAll(temp["there"]));
    }

    [Fact]
    public void A_symlink_is_not_followed()
    {
        using TempFolder temp = new();
        File.WriteAllText(temp["victim"], "x");
        File.CreateSymbolicLink(temp["link"], temp["victim"]);
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => ControlFile.Write(temp["link"], "y")).Error);
        Assert.Equal("x", File.ReadAllText(temp["victim"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public void A_text_of_any_length_is_read_whole(int length)
    {
        using TempFolder temp = new();
        string text = new('x', length);
        File.WriteAllText(temp["file"], text);
        Assert.Equal(text, ControlFile.ReadAll(temp["file"]));
    }

    [Fact]
    public void A_text_without_end_is_refused() =>
        Assert.Equal(Errno.EFBIG, Assert.Throws<LinuxException>(() => ControlFile.ReadAll("/dev/zero")).Error);

    [Fact]
    public void A_wait_without_a_change_ends_by_its_limit()
    {
        // Nothing changes in a file of a disk, so the wait ends by its limit.
        using TempFolder temp = new();
        File.WriteAllText(temp["file"], "x");
        using ControlFile quiet = ControlFile.Open(temp["file"]);
        Assert.False(quiet.WaitForChange(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void Who_may_write_is_told()
    {
        using TempFolder temp = new();
        Assert.True(ControlFile.MayWrite(temp.Path));
        Assert.False(ControlFile.MayWrite(temp["absent"]));
    }
}
