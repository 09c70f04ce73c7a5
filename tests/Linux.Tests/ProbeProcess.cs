using System.Diagnostics;

namespace ClawFS.Linux.Tests;

/// <summary>This test program once more, as a child that does one thing which a process can do only to itself.</summary>
internal sealed class ProbeProcess : IDisposable
{
    public const string Variable = "CLAW_LINUX_PROBE";
    private readonly Process process;

    private ProbeProcess(Process process)
    {
        this.process = process;
    }

    public int Id => process.Id;

    public static ProbeProcess Start(string probe, string argument = "")
    {
        string program = Path.ChangeExtension(typeof(ProbeProcess).Assembly.Location, null);
        ProcessStartInfo start = new(program, [argument]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment[Variable] = probe;
        return new ProbeProcess(Process.Start(start)!);
    }

    public string? ReadLine() => process.StandardOutput.ReadLine();

    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }
}
