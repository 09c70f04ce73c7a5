using System.Text.Json;
using ClawFS.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClawFS.Supervisor;

/// <summary>What the one who started the supervisor hears until the mount is ready or has failed: reply lines on an inherited pipe.</summary>
internal sealed class StartReport(SafeFileHandle pipe) : IDisposable
{
    internal void Progress(string text) => Write(new ControlReply { Progress = text });

    /// <summary>The last line; nothing is reported after it.</summary>
    internal void End(ControlReply reply)
    {
        Write(reply with { Done = true });
        Dispose();
    }

    public void Dispose() => pipe.Dispose();

    private void Write(ControlReply reply)
    {
        if (pipe.IsClosed)
        {
            return;
        }

        try
        {
            Pipe.Write(pipe, [.. JsonSerializer.SerializeToUtf8Bytes(reply, ControlJson.Default.ControlReply), (byte)'\n']);
        }
        catch (IOException)
        {
            pipe.Dispose(); // Whoever started us has gone; the mount comes up without a listener.
        }
    }
}
