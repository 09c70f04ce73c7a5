using System.Runtime.CompilerServices;

namespace ClawFS.Linux.Tests;

/// <summary>What the child of <see cref="ProbeProcess"/> does, before the test runner would start.</summary>
internal static class ProbeMain
{
    private const int PrGetDumpable = 3;

    [ModuleInitializer]
    internal static void RunIfProbe()
    {
        string? probe = Environment.GetEnvironmentVariable(ProbeProcess.Variable);
        if (probe is null)
            return;
        Run(probe, Environment.GetCommandLineArgs()[^1]);
        Environment.Exit(0);
    }

    private static void Run(string probe, string argument)
    {
        switch (probe)
        {
            case "lock":
                Folder folder = Folder.Open(argument);
                Console.WriteLine(folder.TryLock("claw.lock", out _));
                Console.ReadLine();
                break;
            case "become-user":
                using (Timer busy = new(_ => { }, null, 0, 1))
                {
                    ProcessIdentity.BecomeUser(60912, 60913);
                    Console.WriteLine($"{ProcessIdentity.Uid} {ProcessIdentity.Gid}");
                    PrintOwnersOfThreads();
                }
                break;
            case "kernel-key-as-root":
                KernelKeyProbe.AsRoot(argument);
                break;
            case "kernel-key-as-user":
                KernelKeyProbe.AsUser(argument);
                break;
            case "kernel-key-child":
                KernelKeyProbe.Child(argument);
                break;
            case "no-core-dumps":
                ProcessLimits.NoCoreDumps();
                Console.WriteLine(File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max core", StringComparison.Ordinal)));
                Console.WriteLine(NativeCalls.prctl(PrGetDumpable, 0, 0, 0, 0));
                break;
            case "lock-all-memory":
                Console.WriteLine(ProcessLimits.TryLockAllMemory());
                ProcessIdentity.BecomeUser(60912, 60912);
                byte[] later = new byte[32 << 20];
                later.AsSpan().Fill(1);
                Console.WriteLine(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmLck", StringComparison.Ordinal)));
                break;
            case "no-new-privileges":
                ProcessIdentity.ForbidNewPrivileges();
                Console.WriteLine(File.ReadLines("/proc/self/status").First(line => line.StartsWith("NoNewPrivs", StringComparison.Ordinal)));
                break;
            case "no-sockets":
                ProcessIdentity.ForbidNewPrivileges();
                SystemCallFilter.ForbidSockets();
                Console.WriteLine(TrySocket());
                // Another thread could not run code of this assembly before its initializer, which this is, has ended.
                string[] threads = [.. Directory.GetDirectories("/proc/self/task").Select(static task => File.ReadLines($"{task}/status").First(line => line.StartsWith("Seccomp:", StringComparison.Ordinal)))];
                Console.WriteLine($"{threads.Length > 1} {string.Join(' ', threads.Distinct())}");
                break;
            default:
                Console.WriteLine($"no probe {probe}");
                break;
        }
    }

    private static string TrySocket()
    {
        try
        {
            using System.Net.Sockets.Socket made = new(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            return "made";
        }
        catch (System.Net.Sockets.SocketException refused)
        {
            return refused.SocketErrorCode.ToString();
        }
    }

    private static void PrintOwnersOfThreads()
    {
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            foreach (string line in File.ReadLines($"{task}/status"))
            {
                if (line.StartsWith("Uid:", StringComparison.Ordinal) || line.StartsWith("Gid:", StringComparison.Ordinal) || line.StartsWith("Groups:", StringComparison.Ordinal))
                    Console.WriteLine(line.Trim());
            }
        }
    }
}
