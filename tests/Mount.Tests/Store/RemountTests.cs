using ClawOS.Mount.Tests.RealPrograms;
using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Store;

public sealed class RemountTests : ProductTests
{
    [Fact]
    public void Everything_is_there_again_after_down_and_up()
    {
        Need.Program("setfattr", "getfattr");
        using ClawMount claw = new ClawMount().Up();
        string folder = Path.Combine(claw.Memory, "tree");
        Directory.CreateDirectory(folder);
        SampleTree.Make(folder);
        string before = SampleTree.Describe(folder);
        for (int i = 0; i < 2; i++)
        {
            claw.Remount();
            Assert.Equal(before, SampleTree.Describe(folder));
        }
        Shell(folder, "rm -rf a; mv hard2 b");
        claw.Remount();
        Assert.Equal("1", Shell(folder, "stat -c %h b").Trim());
    }

    [Fact]
    public void The_owner_may_open_memory_to_others_and_it_stays_so()
    {
        using ClawMount claw = new ClawMount().Up();
        Assert.Equal("700", Shell(claw.Mount, "stat -c %a memory").Trim());
        Shell(claw.Mount, "chmod 0755 memory");
        claw.Remount();
        Assert.Equal("755", Shell(claw.Mount, "stat -c %a memory").Trim());
    }

    [Fact]
    public void Searching_listing_and_copying_the_whole_mount_ends()
    {
        using ClawMount claw = new ClawMount().Up();
        using TestFolder disk = new();
        File.WriteAllText(Path.Combine(claw.Memory, "needle"), "pin-in-haystack");
        Assert.Contains("memory/needle", TryShell(claw.Mount, "grep -r pin-in-haystack . 2>&1", 30).Out);
        Assert.Equal(0, TryShell(claw.Mount, "ls -lRa . > /dev/null && find . > /dev/null && du -s . > /dev/null && df . > /dev/null", 30).ExitCode);
        Shell(claw.Mount, $"cp -r README memory '{disk.Path}'", 30);
        Assert.True(new FileInfo(disk["README"]).Length > 0);
        Assert.Equal("1", Shell(claw.Mount, "cat README | wc -c | grep -cx $(stat -c %s README)").Trim());
    }

    [Fact]
    public void The_root_of_the_mount_takes_no_files()
    {
        using ClawMount claw = new ClawMount().Up();
        Assert.Contains("not permitted", TryShell(claw.Mount, "mkdir mine").Err);
        Assert.Contains("not permitted", TryShell(claw.Mount, "echo x > mine").Err);
        Assert.NotEqual(0, TryShell(claw.Mount, "rm README").ExitCode);
        Assert.Contains("README", Shell(claw.Mount, "ls"));
    }
}
