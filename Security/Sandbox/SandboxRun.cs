using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Sandbox;

/// <summary>A sandbox that runs: claw-exec, and the command below it. It ends with this object and with this process, however that ends.</summary>
public sealed class SandboxRun : IDisposable
{
    private readonly ChildProcess launcher;
    private readonly Pipe result;
    private readonly Pipe leash;
    private readonly SeqPacketSocket? handOver;
    private readonly Func<long>? oomKills;
    private readonly long oomKillsBefore;

    private SandboxRun(ChildProcess launcher, Pipe result, Pipe leash, SandboxWatch watch, SeqPacketSocket? handOver)
    {
        this.handOver = handOver;
        this.launcher = launcher;
        this.result = result;
        this.leash = leash;
        oomKills = watch.OomKills;
        oomKillsBefore = oomKills?.Invoke() ?? 0;
    }

    /// <summary>The process id of claw-exec. Its death is the death of everything in the sandbox.</summary>
    public int LauncherId => launcher.Id;

    /// <summary>Whether claw-exec is gone, and everything with it.</summary>
    internal bool HasEnded => launcher.Exited.IsCompleted;

    /// <summary>Who the command is.</summary>
    internal SandboxUser User { get; private init; }

    /// <summary>The file that it may execute because the owner said yes; null: none.</summary>
    internal string? Approved { get; private init; }

    /// <summary>Starts a command.</summary>
    /// <param name="launcher">Path of claw-exec; or a program that becomes it, and its arguments (setpriv).</param>
    /// <param name="plan">What it does.</param>
    /// <param name="streams">Standard input, output and error of the command.</param>
    /// <param name="watch">What the caller does before the command starts, and what it knows of its end.</param>
    /// <exception cref="LinuxException">claw-exec cannot be started.</exception>
    public static SandboxRun Start(IReadOnlyList<string> launcher, SandboxPlan plan, SandboxStreams streams, SandboxWatch? watch = null)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(streams);
        byte[] bytes = PlanWriter.Write(plan);
        Pipe result = Pipe.Create();
        Pipe input = Pipe.Create();
        SpawnPlan spawn = new() { Program = launcher[0], Arguments = [.. launcher.Skip(1)], Input = streams.Input, Output = streams.Output, Error = streams.Error };
        spawn.Environment.Clear();
        spawn.Descriptors.Add((input.Reader, PlanLayout.PlanDescriptor));
        spawn.Descriptors.Add((result.Writer, PlanLayout.ResultDescriptor));
        int next = PlanLayout.FirstCgroupDescriptor;
        foreach (SafeHandle entrance in plan.CgroupFolder is { } folder ? [.. plan.Cgroups, folder] : plan.Cgroups)
        {
            spawn.Descriptors.Add((entrance, next++));
        }

        (SeqPacketSocket? ours, SeqPacketSocket? theirs) = plan.IsSupervised ? SeqPacketSocket.CreatePair() : default((SeqPacketSocket?, SeqPacketSocket?));
        using SeqPacketSocket? sent = theirs;
        if (theirs is not null)
        {
            spawn.Descriptors.Add((theirs.Descriptor, next));
        }

        SandboxRun run = new(ChildProcess.Start(spawn), result, input, watch ?? new SandboxWatch(), ours) { User = plan.User, Approved = plan.Approved };
        result.Writer.Dispose(); // Only claw-exec holds these now: its end shows.
        input.Reader.Dispose();
        try
        {
            watch?.BeforeLaunch?.Invoke(run.LauncherId);
            Pipe.Write(input.Writer, bytes);
        }
        catch (LinuxException error) when (error.Error == Errno.EPIPE)
        {
            // claw-exec has ended before it read all; how, its record or its absence tells.
        }
        catch
        {
            run.Signal(9);
            run.Dispose();
            throw;
        }

        return run;
    }

    /// <summary>Runs a command to its end.</summary>
    /// <inheritdoc cref="Start"/>
    public static SandboxResult Run(IReadOnlyList<string> launcher, SandboxPlan plan, SandboxStreams streams, SandboxWatch? watch = null)
    {
        using SandboxRun run = Start(launcher, plan, streams, watch);
        return run.WaitForEnd();
    }

    /// <summary>Waits for the listener of a supervised plan. The command's process stands still at its first call that the last filter tells until that is answered.</summary>
    /// <returns>The listener, owned by the caller, once; null when the command was not started.</returns>
    /// <exception cref="InvalidOperationException">The plan is not supervised.</exception>
    public CallListener? TakeListener()
    {
        byte[] message = new byte[1];
        Microsoft.Win32.SafeHandles.SafeFileHandle? listener = null;
        _ = (handOver ?? throw new InvalidOperationException("the plan is not supervised")).Receive(message, out listener);
        return listener is null ? null : new CallListener(listener);
    }

    /// <summary>Sends claw-exec a signal: SIGTERM ends the whole sandbox, SIGINT too unless the plan is interactive.</summary>
    public void Signal(int signal) => launcher.Signal(signal);

    /// <summary>Waits until the command has ended, and with it all that it started.</summary>
    public SandboxResult WaitForEnd()
    {
        byte[] record = new byte[PlanLayout.ResultSize];
        int length = Pipe.ReadToEnd(result.Reader, record);
        launcher.WaitForExit();
        SandboxResult told = SandboxResult.Read(record.AsSpan(0, length));
        bool killed = told is { Reason: SandboxEnd.Killed } or { Reason: SandboxEnd.Signalled, Signal: 9 };
        long kills = Math.Max(0, (oomKills?.Invoke() ?? 0) - oomKillsBefore);
        return (killed && kills > 0 ? told with { Reason = SandboxEnd.OutOfMemory, Signal = 9 } : told) with { OomKills = kills };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        leash.Dispose();
        result.Dispose();
        handOver?.Dispose();
    }
}
