using ClawFS.Linux;

namespace ClawOS.Security.Sandbox.Asking;

/// <summary>
/// A system call that waits for the owner's yes. What is let pass is the call with its registers: what they point at (a path, an address, a list of words) is read by the kernel only then, and
/// other threads of the program may have changed it meanwhile. So it is not shown.
/// </summary>
public sealed class AskedCall
{
    private readonly SupervisedCall call;
    private readonly CallListener listener;
    private int answered;

    internal AskedCall(SupervisedCall call, CallListener listener, string name)
    {
        (this.call, this.listener, Name) = (call, listener, name);
        ProcessName = ProcessIdentity.CommOf((uint)call.ThreadId);
        Program = ProgramOf(call.ThreadId);
        Words = CallWords.Of(name, call.Arguments);
    }

    /// <summary>Its name; "#1000" for a number without one.</summary>
    public string Name { get; }

    /// <summary>The thread that makes it, as this machine counts them.</summary>
    public int ThreadId => call.ThreadId;

    /// <summary>What the program calls itself.</summary>
    public string ProcessName { get; }

    /// <summary>The file that it was started from, as its sandbox names it; "?" where it cannot be told.</summary>
    public string Program { get; }

    /// <summary>Its six registers.</summary>
    public IReadOnlyList<ulong> Registers => call.Arguments;

    /// <summary>What of the registers has a word.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Has the kernel make the call.</summary>
    /// <returns>False when the caller is gone, or the call was answered before.</returns>
    public bool Let()
    {
        try
        {
            return Interlocked.Exchange(ref answered, 1) == 0 && listener.Continue(call);
        }
        catch (ObjectDisposedException)
        {
            return false; // The sandbox has ended.
        }
    }

    /// <summary>Makes it fail with EPERM, unless it was answered before.</summary>
    internal void Refuse()
    {
        if (Interlocked.Exchange(ref answered, 1) == 0)
        {
            _ = listener.Refuse(call, Errno.EPERM);
        }
    }

    internal bool IsWaiting => listener.IsWaiting(call);

    private static string ProgramOf(int thread)
    {
        try
        {
            return new FileInfo($"/proc/{thread}/exe").LinkTarget ?? "?";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "?"; // Gone by now, or not ours to look at.
        }
    }
}
