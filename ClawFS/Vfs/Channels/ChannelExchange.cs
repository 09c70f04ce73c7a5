using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// One request on a channel and the answer to it, which may come in parts. The service calls <see cref="Append"/> any number of times and
/// then <see cref="Complete"/> or <see cref="Fail"/> once; calls after that, or after the client has closed, do nothing.
/// </summary>
public sealed class ChannelExchange
{
    /// <summary>Most bytes of answer that wait for the client; a client that does not read gets EOVERFLOW after them.</summary>
    public const int MaxUnread = 16 * 1024 * 1024;

    private readonly ChannelFile file;
    private readonly Queue<byte[]> parts = new();
    private int offset;
    private int unread;
    private Action? abandoned;

    internal ChannelExchange(ChannelFile file, byte[] request, uint uid, uint pid)
    {
        this.file = file;
        Bytes = request;
        Uid = uid;
        Pid = pid;
    }

    /// <summary>The request; without its newline where the framing is by lines.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Who wrote it: file-system uid.</summary>
    public uint Uid { get; }

    /// <summary>Who wrote it: thread id.</summary>
    public uint Pid { get; }

    /// <summary>Whether the client has closed: the answer goes nowhere.</summary>
    public bool IsAbandoned { get; private set; }

    internal bool IsDone { get; private set; }
    internal bool HasData => unread != 0;
    internal Errno Error { get; private set; }
    internal bool HasError => Error != Errno.Ok;

    /// <summary>Adds to the answer; the client reads it at once. False: the client is gone or reads too slowly, stop.</summary>
    public bool Append(ReadOnlySpan<byte> part)
    {
        lock (file.Gate)
        {
            if (IsDone || IsAbandoned)
            {
                return false;
            }
            if (part.Length > MaxUnread - unread)
            {
                Finish(Errno.EOVERFLOW);
            }
            else if (!part.IsEmpty)
            {
                parts.Enqueue(part.ToArray());
                unread += part.Length;
            }
        }
        file.Wake();
        return !IsDone;
    }

    /// <summary>Ends the answer; the client reads the end of the file after it.</summary>
    public void Complete() => End(Errno.Ok);

    /// <summary>Ends the answer with an error, which the client's read returns after what was appended.</summary>
    public void Fail(Errno error) => End(error);

    /// <summary>Runs once if the client closes before the answer has ended, at once if it already has.</summary>
    public void OnAbandoned(Action callback)
    {
        lock (file.Gate)
        {
            if (!IsAbandoned)
            {
                abandoned = callback;
                return;
            }
        }
        callback();
    }

    /// <summary>The client is gone. Under the file's gate; returns what to call without it.</summary>
    internal Action? Abandon()
    {
        IsAbandoned = true;
        Action? callback = IsDone ? null : abandoned;
        abandoned = null;
        parts.Clear();
        unread = 0;
        return callback;
    }

    /// <summary>Copies what is there. Under the file's gate.</summary>
    internal int Take(Span<byte> buffer)
    {
        int taken = 0;
        while (taken < buffer.Length && parts.TryPeek(out byte[]? part))
        {
            int count = Math.Min(buffer.Length - taken, part.Length - offset);
            part.AsSpan(offset, count).CopyTo(buffer[taken..]);
            taken += count;
            offset += count;
            if (offset == part.Length)
            {
                parts.Dequeue();
                offset = 0;
            }
        }
        unread -= taken;
        return taken;
    }

    private void End(Errno error)
    {
        lock (file.Gate)
        {
            if (IsDone || IsAbandoned)
            {
                return;
            }
            Finish(error);
        }
        file.Wake();
    }

    private void Finish(Errno error)
    {
        IsDone = true;
        Error = error;
        abandoned = null;
    }
}
