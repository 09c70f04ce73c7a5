using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static ClawFS.Linux.ProcessCalls;

namespace ClawFS.Linux;

/// <summary>How a process ended.</summary>
/// <param name="Code">The exit code; 128 plus the signal where a signal killed it, as shells say it.</param>
/// <param name="Signal">The signal that killed it, or 0.</param>
public readonly record struct ExitStatus(int Code, int Signal);

/// <summary>
/// A child started with posix_spawn: managed code must not fork, for only the calling thread would live on in the copy,
/// with every lock of the runtime as it stood.
/// </summary>
public sealed class ChildProcess
{
    // The process stays a zombie, and its number its own, until it is reaped under this lock: no signal can reach a stranger.
    private readonly Lock gate = new();
    private readonly TaskCompletionSource<ExitStatus> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool reaped;

    private ChildProcess(int id)
    {
        Id = id;
        new Thread(Wait) { IsBackground = true, Name = $"wait for {id}" }.Start();
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Completes when the process has ended.</summary>
    public Task<ExitStatus> Exited => exited.Task;

    /// <summary>Starts a process.</summary>
    /// <param name="plan">What it starts with.</param>
    /// <exception cref="LinuxException">The program cannot be started (ENOENT, EACCES, EAGAIN).</exception>
    public static unsafe ChildProcess Start(SpawnPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        byte* actions = stackalloc byte[SpawnStructSize];
        byte* attributes = stackalloc byte[SpawnStructSize];
        Check(posix_spawn_file_actions_init(actions), plan);
        Check(posix_spawnattr_init(attributes), plan);
        List<SafeFileHandle> high = [];
        nint[] arguments = Strings([plan.Program, .. plan.Arguments]);
        nint[] environment = Strings([.. plan.Environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        try
        {
            SetSignals(attributes, plan);
            AddDescriptors(actions, plan, high);
            int pid;
            fixed (nint* argumentList = arguments)
            fixed (nint* environmentList = environment)
            {
                Check(posix_spawn(&pid, (byte*)arguments[0], actions, attributes, (byte**)argumentList, (byte**)environmentList), plan);
            }

            return new ChildProcess(pid);
        }
        finally
        {
            foreach (nint text in (IEnumerable<nint>)[.. arguments, .. environment])
            {
                Marshal.FreeHGlobal(text);
            }

            high.ForEach(handle => handle.Dispose());
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Waits until the process has ended.</summary>
    public ExitStatus WaitForExit() => exited.Task.GetAwaiter().GetResult();

    /// <summary>Sends a signal; nothing happens when the process has ended.</summary>
    /// <param name="signal">The signal number.</param>
    public void Signal(int signal)
    {
        lock (gate)
        {
            if (!reaped)
            {
                _ = kill(Id, signal); // Our own unreaped child: the call cannot fail but for a wrong number.
            }
        }
    }

    private static unsafe void SetSignals(byte* attributes, SpawnPlan plan)
    {
        byte* set = stackalloc byte[SignalSetSize];
        _ = sigemptyset(set);
        Check(posix_spawnattr_setsigmask(attributes, set), plan);
        _ = sigfillset(set);
        Check(posix_spawnattr_setsigdefault(attributes, set), plan);
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (plan.NewSession ? POSIX_SPAWN_SETSID : 0);
        Check(posix_spawnattr_setflags(attributes, (short)flags), plan);
    }

    /// <summary>
    /// Lays the descriptors out in the child. They are first copied above every target number, because a dup2 to one
    /// target must not overwrite the source of the next.
    /// </summary>
    private static unsafe void AddDescriptors(byte* actions, SpawnPlan plan, List<SafeFileHandle> high)
    {
        const int ReadOnly = 0, AppendOrCreate = 0x1 | 0x40 | 0x400, OwnerOnly = 0x180, FirstHigh = 64;
        Check(
            plan.Input is null ? posix_spawn_file_actions_addopen(actions, 0, "/dev/null", ReadOnly, 0) : posix_spawn_file_actions_adddup2(actions, Raise(plan.Input), 0),
            plan);
        if (plan.Output is null)
        {
            Check(posix_spawn_file_actions_addopen(actions, 1, plan.OutputFile, AppendOrCreate, OwnerOnly), plan);
        }
        else
        {
            Check(posix_spawn_file_actions_adddup2(actions, Raise(plan.Output), 1), plan);
        }

        Check(posix_spawn_file_actions_adddup2(actions, plan.Error is null ? 1 : Raise(plan.Error), 2), plan);
        int next = 3;
        foreach ((SafeHandle descriptor, int number) in plan.Descriptors.OrderBy(pair => pair.Number))
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(number, next++, nameof(plan));
            Check(posix_spawn_file_actions_adddup2(actions, Raise(descriptor), number), plan);
        }

        Check(posix_spawn_file_actions_addclosefrom_np(actions, next), plan);
        Check(posix_spawn_file_actions_addchdir_np(actions, plan.Folder), plan);

        int Raise(SafeHandle handle)
        {
            using Borrowed borrowed = new(handle);
            int copy = fcntl(borrowed.Number, F_DUPFD_CLOEXEC, FirstHigh);
            if (copy < 0)
            {
                throw new LinuxException(LinuxException.Last, "dup of a descriptor for a child");
            }

            high.Add(new SafeFileHandle(copy, ownsHandle: true));
            return copy;
        }
    }

    private static nint[] Strings(string[] texts)
    {
        nint[] pointers = new nint[texts.Length + 1]; // The last stays null: it ends the list.
        for (int i = 0; i < texts.Length; i++)
        {
            byte[] bytes = [.. Encoding.UTF8.GetBytes(texts[i]), 0];
            pointers[i] = Marshal.AllocHGlobal(bytes.Length);
            Marshal.Copy(bytes, 0, pointers[i], bytes.Length);
        }

        return pointers;
    }

    private static void Check(int error, SpawnPlan plan)
    {
        if (error != 0)
        {
            throw new LinuxException((Errno)error, $"start {plan.Program}");
        }
    }

    private unsafe void Wait()
    {
        SigInfo info = default;
        int result;
        while ((result = waitid(P_PID, (uint)Id, &info, WEXITED | WNOWAIT)) != 0 && LinuxException.Last == Errno.EINTR)
        {
        }

        lock (gate)
        {
            reaped = true;
            if (result == 0)
            {
                _ = waitid(P_PID, (uint)Id, &info, WEXITED); // It has ended already: this only takes its entry away.
            }
        }

        // ECHILD: whoever started this process had SIGCHLD ignored, so the kernel reaps and tells no status.
        exited.SetResult(
            result != 0 ? new ExitStatus(-1, 0)
            : info.Code == CLD_EXITED ? new ExitStatus(info.Status, 0)
            : new ExitStatus(128 + info.Status, info.Status));
    }
}
