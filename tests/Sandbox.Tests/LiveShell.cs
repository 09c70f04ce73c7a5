using System.Text;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>A shell that goes on running in a sandbox while its policy changes.</summary>
internal sealed class LiveShell : IDisposable
{
    private const string End = "---end---";
    private readonly Pipe input = Pipe.Create();
    private readonly Pipe output = Pipe.Create();
    private readonly IReadOnlyList<string> launcher;
    private readonly SandboxAmendment amendment;

    /// <param name="box">What it may do at first.</param>
    /// <param name="isLaunched">Whether the shell runs already when this returns.</param>
    internal LiveShell(Box box, bool isLaunched = true)
    {
        launcher = [.. box.Before, ClawExec.Path];
        // No machine is too slow for these tests: what takes long is told by what hangs.
        amendment = new SandboxAmendment(box.Policy()) { Limit = TimeSpan.FromMinutes(5) };
        Run = SandboxRun.Start(launcher, box.Plan("sh"), new SandboxStreams(input.Reader, output.Writer, null));
        output.Writer.Dispose();
        input.Reader.Dispose();
        if (isLaunched)
            Assert.Equal("here", Ask("echo here"));
    }

    internal SandboxRun Run { get; }

    /// <summary>What a command line prints, with its errors.</summary>
    internal string Ask(string line)
    {
        Pipe.Write(input.Writer, Encoding.UTF8.GetBytes($"{{ {line}\n}} 2>&1; echo; echo {End}\n"));
        StringBuilder text = new();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith($"\n{End}\n", StringComparison.Ordinal))
        {
            Assert.True(Pipe.ReadToEnd(output.Reader, one) == 1, $"the shell has ended; it said {text}");
            text.Append((char)one[0]);
        }

        return text.ToString()[..^(End.Length + 2)].Trim('\n');
    }

    internal AmendmentResult Amend(EffectivePolicy policy) => amendment.Apply(launcher, Run, policy);

    public void Dispose()
    {
        Run.Signal(15);
        Run.WaitForEnd();
        Run.Dispose();
        input.Dispose();
        output.Dispose();
    }
}
