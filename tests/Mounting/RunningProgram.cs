using System.Diagnostics;
using System.Text;

namespace ClawOS.Mounting;

/// <summary>A started program whose output is collected line by line.</summary>
public sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly string _command;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _err = new();
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _more = new(0);

    internal RunningProgram(Process process, string? input, string command)
    {
        _process = process;
        _command = command;
        process.OutputDataReceived += (_, e) => Take(_out, e.Data);
        process.ErrorDataReceived += (_, e) => Take(_err, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
    }

    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;

    /// <summary>What it has printed so far on both streams.</summary>
    public string Printed
    {
        get
        {
            lock (_lock)
                return _out.ToString() + _err;
        }
    }

    /// <summary>Waits until the output contains <paramref name="text"/>; false when the time is over.</summary>
    public bool WaitFor(string text, TimeSpan limit)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!Printed.Contains(text, StringComparison.Ordinal))
        {
            TimeSpan left = limit - clock.Elapsed;
            if (left <= TimeSpan.Zero || !_more.Wait(left))
                return Printed.Contains(text, StringComparison.Ordinal);
        }
        return true;
    }

    /// <summary>Waits for the end; past the limit the program and its children are killed and this throws.</summary>
    public ProgramResult Wait(TimeSpan limit)
    {
        if (!_process.WaitForExit(limit))
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{_command}\nstill running after {limit.TotalSeconds} s; it printed:\n{Printed}");
        }
        // A daemon started by the program may hold the pipes open: the streams get a bounded time to drain.
        using CancellationTokenSource drain = new(TimeSpan.FromSeconds(5));
        try
        {
            _process.WaitForExitAsync(drain.Token).Wait(CancellationToken.None);
        }
        catch (AggregateException e) when (e.InnerException is TaskCanceledException)
        {
            lock (_lock)
                _err.AppendLine("(a child kept the output open)");
        }
        lock (_lock)
            return new ProgramResult(_command, _process.ExitCode, _out.ToString(), _err.ToString());
    }

    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Take(StringBuilder to, string? line)
    {
        lock (_lock)
        {
            if (line is not null)
                to.AppendLine(line);
        }
        _more.Release();
    }
}
