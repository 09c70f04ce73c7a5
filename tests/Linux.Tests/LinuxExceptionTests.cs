namespace ClawFS.Linux.Tests;

public sealed class LinuxExceptionTests
{
    [Fact]
    public void The_message_says_what_was_tried_why_it_failed_and_the_name_of_the_error()
    {
        LinuxException e = new(Errno.ENOSPC, "open /x");

        Assert.Equal("open /x: no space left on device (ENOSPC)", e.Message);
        Assert.Equal(Errno.ENOSPC, e.Error);
    }

    [Fact]
    public void An_error_without_a_name_here_keeps_its_number()
    {
        LinuxException e = new((Errno)9999, "try");

        Assert.Contains("9999", e.Message, StringComparison.Ordinal);
    }
}
