using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Vm.Tests.Machine;

/// <summary>A Debian kernel in QEMU, without hardware virtualisation: seconds to start, several times slower than the machine, and with the security modules that the machine may lack.</summary>
internal static class Guest
{
    private const string Begin = "CLAW-GUEST-BEGIN", End = "CLAW-GUEST-END";

    /// <summary>The longest that any script may take; a loaded machine needs a minute for what takes ten seconds else.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    private const UnixFileMode Everybody = (UnixFileMode)0b111_101_101;

    // One at a time: two guests on two processors only slow each other down.
    private static readonly Lock Turn = new();

    /// <summary>Skips the test unless guests were asked for and can be had; says why.</summary>
    internal static void Need()
    {
        if (Environment.GetEnvironmentVariable("CLAW_VM") != "1")
            Assert.Skip("boots a virtual machine: ./claw test --vm");
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("the guest is x86-64");
        string[] missing = [.. ((string[])["qemu-system-x86_64", "apt-get", "dpkg-deb", "mke2fs", "cpio", "xz", "apparmor_parser"]).Where(name => Tool.Find(name) is null)];
        if (missing.Length > 0)
            Assert.Skip($"needs {string.Join(", ", missing)}: apt-get install qemu-system-x86 e2fsprogs cpio xz-utils apparmor");
        try
        {
            _ = Package.Kernel();
            _ = Package.Busybox();
        }
        catch (InvalidOperationException error)
        {
            Assert.Skip($"no kernel for the guest: {error.Message}");
        }
    }

    /// <summary>Boots, runs a shell script as root, and powers off.</summary>
    /// <param name="script">Runs in /claw/trial, with dash.</param>
    /// <param name="files">What else is in /claw/trial, by name.</param>
    /// <returns>What the script printed.</returns>
    internal static string Run(string script, params (string Name, byte[] Bytes)[] files) => Run(Second, script, files);

    /// <summary>Boots with systemd as process 1, has it start the script as a service, and powers off.</summary>
    /// <inheritdoc cref="Run(string, ValueTuple{string, byte[]}[])"/>
    internal static string RunUnderSystemd(string script, params (string Name, byte[] Bytes)[] files) => Run(SystemdDisk.Init, script, [("trial", Encoding.UTF8.GetBytes(SystemdTrial)), .. files]);

    private static string Run(string init, string script, (string Name, byte[] Bytes)[] files)
    {
        lock (Turn)
        {
            string folder = Directory.CreateTempSubdirectory("claw-vm-").FullName;
            try
            {
                return Boot(InitialDisk(folder, init, script, files));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static string InitialDisk(string folder, string second, string script, (string Name, byte[] Bytes)[] files)
    {
        string root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
        foreach (string name in (string[])["bin", "dev", "root", "trial"])
            Directory.CreateDirectory(Path.Combine(root, name));
        File.Copy(Package.Busybox(), Path.Combine(root, "bin/busybox"));
        File.CreateSymbolicLink(Path.Combine(root, "bin/sh"), "busybox");
        string module = Directory.EnumerateFiles(Package.Kernel(), "virtio_blk.ko*", SearchOption.AllDirectories).Single();
        File.Copy(module, Path.Combine(root, Path.GetFileName(module)));
        if (module.EndsWith(".xz", StringComparison.Ordinal))
            Tool.Run(root, "xz", "-d", Path.GetFileName(module));
        WriteScript(Path.Combine(root, "init"), First);
        WriteScript(Path.Combine(root, "trial/init"), second);
        WriteScript(Path.Combine(root, "trial/script"), script);
        foreach ((string name, byte[] bytes) in files)
        {
            string path = Path.Combine(root, "trial", name);
            File.WriteAllBytes(path, bytes);
            File.SetUnixFileMode(path, Everybody);
        }

        string image = Path.Combine(folder, "initrd");
        Tool.Run(root, "sh", "-c", $"find . | cpio -o -H newc --quiet > {image}");
        return image;
    }

    private static string Boot(string initial)
    {
        string kernel = Directory.EnumerateFiles(Path.Combine(Package.Kernel(), "boot"), "vmlinuz-*").Single();
        // One thread of the machine for both processors of the guest: on two, one may go on with the breakpoint that the other has just taken out of the kernel's code (its static keys), and the kernel panics.
        using Process machine = Process.Start(new ProcessStartInfo(
            "qemu-system-x86_64",
            [
                "-M", "q35", "-nic", "none", "-accel", "tcg,thread=single", "-cpu", "max", "-smp", "2", "-m", "1536", "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio",
                "-kernel", kernel, "-initrd", initial, "-drive", $"if=virtio,format=raw,file={GuestDisk.Image},snapshot=on", "-append", "console=ttyS0 quiet panic=-1",
            ])
        { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        Task<string> said = machine.StandardError.ReadToEndAsync();
        using Timer end = new(_ => machine.Kill(), null, Patience, Timeout.InfiniteTimeSpan);
        string text = Follow(machine.StandardOutput);
        machine.WaitForExit();
        int from = text.IndexOf(Begin, StringComparison.Ordinal), to = text.LastIndexOf(End, StringComparison.Ordinal);
        Assert.True(from >= 0 && to > from, $"the guest did not come to its end\n{text}\n{said.Result}");
        return text[(from + Begin.Length)..to].TrimStart('\n');
    }

    /// <summary>All that a guest prints; meanwhile a file has it, for whoever wonders what takes so long.</summary>
    private static string Follow(StreamReader console)
    {
        using StreamWriter file = new(Path.Combine(Repository.Kept, "console.log")) { AutoFlush = true };
        StringBuilder text = new();
        while (console.ReadLine() is { } line)
        {
            line = line.TrimEnd('\r');
            file.WriteLine(line);
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static void WriteScript(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, Everybody);
    }

    private const string Variables = "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TMPDIR=/tmp CLAW_EXEC=/claw/trial/claw-exec DOTNET_ROOT=/usr/share/dotnet DOTNET_CLI_TELEMETRY_OPTOUT=1";

    private const string Trial = $"""
        cd /claw/trial
        echo {Begin}
        sh /claw/trial/script 2>&1
        echo
        echo {End}
        busybox poweroff -f
        """;

    /// <summary>Of the initial disk: mounts the image as root.</summary>
    private const string First = """
        #!/bin/sh
        busybox insmod /virtio_blk.ko
        busybox mount -t devtmpfs dev /dev
        busybox mount -t ext4 /dev/vda /root || busybox poweroff -f
        busybox mkdir -p /root/claw
        busybox cp -r /trial /root/claw/
        exec busybox switch_root /root /claw/trial/init

        """;

    /// <summary>Of the image: mounts what a machine has, and runs the script.</summary>
    private const string Second = $"""
        #!/bin/sh
        {Variables}
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t securityfs security /sys/kernel/security
        mount -t cgroup2 cgroup /sys/fs/cgroup
        mount -t devtmpfs dev /dev
        mkdir -p /dev/shm /dev/pts
        mount -t devpts pts /dev/pts
        mount -t tmpfs -o mode=1777 tmp /tmp
        mount -t tmpfs run /run
        {Trial}

        """;

    /// <summary>What systemd starts: it has mounted all that already.</summary>
    private const string SystemdTrial = $"""
        #!/bin/sh
        {Variables}
        {Trial}

        """;
}
