namespace ClawFS.Linux.Tests;

public sealed class FolderLockTests
{
    [Fact]
    public void A_second_opener_is_told_who_has_the_folder()
    {
        using TempFolder temp = new();
        using Folder first = temp.Open();
        using Folder second = temp.Open();

        Assert.True(first.TryLock("claw.lock", out _));
        Assert.False(second.TryLock("claw.lock", out string holder));
        Assert.Contains($"(pid {Environment.ProcessId})", holder, StringComparison.Ordinal);
        Assert.StartsWith(ProcessIdentity.CommOf((uint)Environment.ProcessId), holder, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_gives_the_lock_back()
    {
        using TempFolder temp = new();
        using (Folder first = temp.Open())
            Assert.True(first.TryLock("claw.lock", out _));
        using Folder second = temp.Open();

        Assert.True(second.TryLock("claw.lock", out _));
    }

    [Fact]
    public void A_refused_try_does_not_disturb_the_holder()
    {
        using TempFolder temp = new();
        using Folder first = temp.Open();
        Assert.True(first.TryLock("claw.lock", out string holder));
        using (Folder second = temp.Open())
            Assert.False(second.TryLock("claw.lock", out _));
        using Folder third = temp.Open();

        Assert.False(third.TryLock("claw.lock", out string told));
        Assert.Equal(holder, told);
    }

    [Fact]
    public void A_killed_process_leaves_no_lock()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        using (ProbeProcess probe = ProbeProcess.Start("lock", temp.Path))
        {
            Assert.Equal("True", probe.ReadLine());
            Assert.False(folder.TryLock("claw.lock", out string holder));
            Assert.Contains($"(pid {probe.Id})", holder, StringComparison.Ordinal);
            probe.Kill();
        }

        Assert.True(folder.TryLock("claw.lock", out _));
    }
}
