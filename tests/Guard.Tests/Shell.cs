using System.Runtime.InteropServices;
using ClawFS.Linux;

namespace Guard.Tests;

/// <summary>/bin/sh in a sandbox: one command a line in, one line back.</summary>
internal sealed class Shell : IDisposable
{
    private readonly Pipe input = Pipe.Create();
    private readonly Pipe output = Pipe.Create();
    private readonly StreamReader lines;

    internal Shell() => lines = new StreamReader(new FileStream(output.Reader, FileAccess.Read, bufferSize: 0));

    internal SafeHandle[] Streams => [input.Reader, output.Writer, output.Writer];

    /// <summary>Runs a command; what it prints is the answer's first line.</summary>
    internal string Ask(string command)
    {
        Send(command);
        return Line();
    }

    /// <summary>Begins a command.</summary>
    internal void Send(string command) => Pipe.Write(input.Writer, System.Text.Encoding.UTF8.GetBytes(command + "\n"));

    /// <summary>The next line that comes.</summary>
    internal string Line()
    {
        Task<string?> line = lines.ReadLineAsync();
        Assert.True(line.Wait(GuardBed.Limit), "no answer");
        return line.Result ?? "";
    }

    /// <summary>"yes" or "no", as the shell could do it.</summary>
    internal string Can(string command) => Ask($"( {command} ) 2>/dev/null && echo yes || echo no");

    /// <summary>What comes until its end, which must come.</summary>
    internal string Rest()
    {
        Task<string> rest = lines.ReadToEndAsync();
        Assert.True(rest.Wait(GuardBed.Limit), "it has not ended");
        return rest.Result;
    }

    /// <summary>The other process has its own copies now: its end shows.</summary>
    internal void HandOver()
    {
        input.Reader.Dispose();
        output.Writer.Dispose();
    }

    public void Dispose()
    {
        lines.Dispose();
        input.Dispose();
        output.Dispose();
    }
}
