using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Store;

/// <summary>No room left: the writer is told, the store stays whole, and removing makes room.</summary>
public sealed class FullTests : ProductTests
{
    [Fact]
    public void Above_the_quota_writers_get_EDQUOT_until_something_is_removed()
    {
        using ClawMount claw = new();
        claw.Claw("up", claw.Mount, "--store", claw.Store, "--quota", "32M").Must();
        File.WriteAllText(Path.Combine(claw.Memory, "before"), "kept");
        ProgramResult full = Fill(claw);
        Assert.Contains("Disk quota exceeded", full.Err);
        AssertUsableAgain(claw);
        Assert.True(Shell(claw.Mount, "df --output=size -B1M memory | tail -1").Trim() is "32", "df shows another size");
    }

    [Fact]
    public void The_owner_raises_the_quota_in_sys()
    {
        using ClawMount claw = new();
        claw.Claw("up", claw.Mount, "--store", claw.Store, "--quota", "16M").Must();
        Assert.Contains("Disk quota exceeded", Fill(claw).Err);
        Shell(claw.Mount, "echo 64M > sys/fs/quota");
        Shell(claw.Memory, "head -c 20000000 /dev/urandom > more; sync more");
    }

    [Fact]
    public void On_a_full_disk_writers_get_ENOSPC_until_something_is_removed()
    {
        Need.Program("mkfs.ext4");
        using TestFolder folder = new();
        using LoopDisk? disk = LoopDisk.TryMake(folder["disk"], 96L << 20);
        if (disk is null)
            Assert.Skip("needs a loop device");
        using ClawMount claw = new(Path.Combine(disk.Folder, "store"));
        claw.Up();
        File.WriteAllText(Path.Combine(claw.Memory, "before"), "kept");
        ProgramResult full = Fill(claw);
        Assert.Contains("No space left", full.Err);
        AssertUsableAgain(claw);
        claw.Down();
        claw.Claw("fsck", claw.Store).Must();
    }

    // Random bytes, since a store may keep no zeros.
    private static ProgramResult Fill(ClawMount claw) => TryShell(claw.Memory, "head -c 300M /dev/urandom | dd of=fill bs=1M conv=fsync iflag=fullblock", 120);

    private static void AssertUsableAgain(ClawMount claw)
    {
        Assert.Equal("kept", File.ReadAllText(Path.Combine(claw.Memory, "before")));
        Shell(claw.Memory, "ls -l > /dev/null; rm fill");
        ProgramResult again = Retry(claw, "head -c 5000000 /dev/urandom > after && sync after");
        Assert.True(again.ExitCode == 0, $"after rm: {again}");
        string sum = Shell(claw.Memory, "sha256sum < after");
        claw.Remount();
        Assert.Equal(sum, Shell(claw.Memory, "sha256sum < after"));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(claw.Memory, "before")));
    }

    // Space comes back when the cleaner has run; it is given some seconds, as sync(1) asks for.
    private static ProgramResult Retry(ClawMount claw, string line)
    {
        ProgramResult result = TryShell(claw.Memory, line);
        for (int i = 0; i < 10 && result.ExitCode != 0; i++)
            result = TryShell(claw.Memory, $"sync; sleep 0.5; {line}");
        return result;
    }
}
