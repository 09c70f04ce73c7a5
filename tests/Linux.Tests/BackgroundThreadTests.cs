namespace ClawFS.Linux.Tests;

public sealed class BackgroundThreadTests
{
    [Fact]
    public void Only_the_calling_thread_steps_back()
    {
        int before = 0, after = 0;
        Thread thread = new(() =>
        {
            before = NiceOfThread();
            BackgroundThread.Enter();
            after = NiceOfThread();
        });
        thread.Start();
        thread.Join();
        Assert.Equal(Math.Min(19, before + 5), after);
        Assert.Equal(before, NiceOfThread());
    }

    /// <summary>Field 19 of /proc/thread-self/stat; the second is in parentheses and may have blanks.</summary>
    private static int NiceOfThread()
    {
        string stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16]);
    }
}
