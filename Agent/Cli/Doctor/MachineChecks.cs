using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Doctor;

/// <summary>Facts about this machine, read and never guessed.</summary>
internal static class MachineChecks
{
    private static readonly Version OldestKernel = new(5, 4);
    private static readonly Version ResendKernel = new(6, 9);

    internal static IEnumerable<Finding> Run()
    {
        yield return Kernel();
        yield return FuseDevice();
        yield return FuseModule();
        yield return Unprivileged();
        yield return AesInstructions();
        yield return LockableMemory();
        yield return KernelKeys();
        yield return Swap();
        yield return new Finding(".NET", Verdict.Ok, RuntimeInformation.FrameworkDescription);
        yield return StateDisk();
    }

    private static Finding Kernel()
    {
        string release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        string number = string.Join('.', release.Split('.', '-')[..2]);
        Version version = Version.TryParse(number, out Version? parsed) ? parsed : new Version(0, 0);
        return version < OldestKernel ? new Finding("kernel", Verdict.Missing, release, "FUSE 7.31 and more needs Linux 5.4")
            : version < ResendKernel ? new Finding("kernel", Verdict.Limited, release, "from Linux 6.9 on a restarted fs can take over requests in flight")
            : new Finding("kernel", Verdict.Ok, release);
    }

    private static Finding FuseDevice()
    {
        const string Device = "/dev/fuse";
        if (!File.Exists(Device))
        {
            return new Finding(Device, Verdict.Missing, "there is none", "modprobe fuse; in a container --device /dev/fuse. claw fs works without");
        }

        try
        {
            using var handle = FuseMount.OpenDevice();
            return new Finding(Device, Verdict.Ok, "can be opened");
        }
        catch (UnauthorizedAccessException)
        {
            // fusermount3 opens it as its caller.
            return new Finding(Device, Verdict.Missing, "this user may not open it", "sudo chmod 0666 /dev/fuse, as udev does by default");
        }
        catch (IOException error)
        {
            return new Finding(Device, Verdict.Missing, error.Message, "modprobe fuse; in a container --device /dev/fuse");
        }
    }

    private static Finding FuseModule()
    {
        bool known = File.ReadLines("/proc/filesystems").Any(line => line.EndsWith("\tfuse", StringComparison.Ordinal));
        return known
            ? new Finding("fuse module", Verdict.Ok, "loaded")
            : new Finding("fuse module", Verdict.Missing, "not loaded", "modprobe fuse");
    }

    private static Finding Unprivileged() => FuserMount.Program is { } program
        ? new Finding("mounts without root", Verdict.Ok, program)
        : new Finding("mounts without root", Verdict.Limited, "fusermount3 is not installed", "apt-get install fuse3");

    private static Finding AesInstructions()
    {
        bool present = File.ReadLines("/proc/cpuinfo")
            .Any(line => (line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal)) && line.Split(' ').Contains("aes"));
        return present
            ? new Finding("AES instructions", Verdict.Ok, "the processor has them")
            : new Finding("AES instructions", Verdict.Limited, "the processor has none", "encryption runs in software, several times slower");
    }

    private static Finding LockableMemory()
    {
        // CAP_SYS_RESOURCE lifts the limit; containers often take it even from root.
        string capabilities = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim();
        if ((Convert.ToUInt64(capabilities, 16) & 1UL << 24) != 0)
        {
            return new Finding("locked memory", Verdict.Ok, "the limit can be lifted: all of fs is locked");
        }

        string limit = File.ReadLines("/proc/self/limits")
            .First(line => line.StartsWith("Max locked memory", StringComparison.Ordinal))["Max locked memory".Length..].Trim().Split(' ')[0];
        return limit == "unlimited"
            ? new Finding("locked memory", Verdict.Ok, limit)
            : new Finding("locked memory", Verdict.Limited, $"{limit} bytes", "keys are locked, the rest of fs can be swapped out: ulimit -l, or encrypted swap");
    }

    /// <summary>Leaves a key as fs does, in a session of its own, and reads it back.</summary>
    private static Finding KernelKeys()
    {
        const string Less = "a killed fs gets its key from the key file; one opened with a passphrase stays locked until claw unlock";
        return SessionKeyring.Outside(() =>
        {
            byte[] left = [1, 2, 3, 4], read = new byte[left.Length];
            KernelKey key = new("claw:doctor", ProcessIdentity.Uid, shared: true);
            if (!SessionKeyring.TryStart(out Errno error) || !key.TryLeave(left, out error))
            {
                return new Finding("kernel keys", Verdict.Limited, $"the kernel refuses them ({error})", Less);
            }

            return key.TryTake(read) && read.AsSpan().SequenceEqual(left) && key.Remove()
                ? new Finding("kernel keys", Verdict.Ok, "a killed fs gets its key again")
                : new Finding("kernel keys", Verdict.Limited, "the kernel takes them and does not give them back", Less);
        });
    }

    private static Finding Swap()
    {
        int areas = File.ReadLines("/proc/swaps").Count() - 1;
        return new Finding("swap", Verdict.Ok, areas <= 0 ? "none" : $"{areas} in use");
    }

    private static Finding StateDisk()
    {
        string folder = StateFolder.Root;
        while (!Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        const long Tight = 1L << 30;
        DriveInfo disk = new(folder);
        string fact = $"{SizeText.Format((ulong)disk.AvailableFreeSpace)} free on {disk.DriveFormat} at {folder}";
        return disk.AvailableFreeSpace < Tight
            ? new Finding("disk", Verdict.Limited, fact, "writers get ENOSPC when it is full")
            : new Finding("disk", Verdict.Ok, fact);
    }
}
