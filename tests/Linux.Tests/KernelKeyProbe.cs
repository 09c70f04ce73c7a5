using System.Globalization;

namespace ClawFS.Linux.Tests;

/// <summary>What the children of <see cref="KernelKeyTests"/> do: a session keyring is a process's own affair.</summary>
internal static class KernelKeyProbe
{
    public const uint Service = 60911, User = 65534;
    private static readonly byte[] s_secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    /// <summary>A service of root leaves a key; root in the same session wants to read it.</summary>
    public static void AsRoot(string description)
    {
        KernelKey key = new(description, Service, shared: false);
        if (!Start() || !Leave(key))
            return;
        Console.WriteLine($"owner reads {Takes(key)}");
        Console.WriteLine($"root searches {Takes(new KernelKey(description, 0, shared: false))}");
        Console.WriteLine($"fsuid is {(uint)KeyCalls.setfsuid(Service)}");
        int number = NumberOf(description);
        _ = KeyCalls.setfsuid(0);
        Console.WriteLine($"root reads by number {Read(number)}");
        Console.WriteLine($"child reads {ProbeOutput("kernel-key-child", $"{Service} root {description}")}");
        Console.WriteLine($"removed {key.Remove()} {key.Remove()} {Takes(key)}");
    }

    /// <summary>A user's service leaves a key; another process of the user in the session reads it, one outside cannot.</summary>
    public static void AsUser(string description)
    {
        ProcessIdentity.BecomeUser(User, User);
        KernelKey key = new(description, User, shared: true);
        if (!Start() || !Leave(key))
            return;
        int number = NumberOf(description);
        Console.WriteLine($"child reads {ProbeOutput("kernel-key-child", $"{User} shared {description}")}");
        Console.WriteLine($"child outside reads {ProbeOutput("kernel-key-child", $"{User} shared {description} {number}")}");
        Console.WriteLine($"again {Leave(key)} {Takes(key)}");
        Console.ReadLine();
    }

    public static void Child(string argument)
    {
        string[] words = argument.Split(' ');
        bool outside = words.Length > 3;
        if (outside)
            Start();
        else
            Console.WriteLine("started");
        Console.WriteLine((outside ? $"{Read(int.Parse(words[3], CultureInfo.InvariantCulture))} " : "") + Takes(new KernelKey(words[2], uint.Parse(words[0], CultureInfo.InvariantCulture), words[1] == "shared")));
    }

    private static bool Start()
    {
        bool started = SessionKeyring.TryStart(out Errno error);
        Console.WriteLine(started ? "started" : $"refused {error}");
        return started;
    }

    private static bool Leave(KernelKey key)
    {
        bool left = key.TryLeave(s_secret, out Errno error);
        if (!left)
            Console.WriteLine($"refused {error}");
        return left;
    }

    private static bool Takes(KernelKey key)
    {
        byte[] taken = new byte[s_secret.Length];
        return key.TryTake(taken) && taken.SequenceEqual(s_secret);
    }

    private static string Read(int number) => KeyCalls.Read(number, new byte[64]) < 0 ? $"{LinuxException.Last}" : "bytes";

    /// <summary>The serial number that /proc/keys shows, in hexadecimal, in the line that ends with the description.</summary>
    private static int NumberOf(string description) => int.Parse(
        File.ReadLines("/proc/keys").Single(line => line.Contains(description, StringComparison.Ordinal)).Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string? ProbeOutput(string probe, string argument)
    {
        using ProbeProcess child = ProbeProcess.Start(probe, argument);
        return child.ReadLine() is "started" ? child.ReadLine() : "no session of its own";
    }
}
