using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Store;

/// <summary>Backups of a store in use, and what comes back from them.</summary>
public sealed class BackupTests : ProductTests
{
    [Fact]
    public async Task A_backup_of_a_store_in_use_is_whole_and_restores()
    {
        using ClawMount claw = new ClawMount().Up();
        using TestFolder place = new();
        string backup = Path.Combine(place.Path, "backup");
        byte[] content = new byte[5 << 20];
        new Random(7).NextBytes(content);
        File.WriteAllBytes(Path.Combine(claw.Memory, "big"), content);
        Task writer = Task.Run(() =>
        {
            for (int i = 0; i < 400; i++)
            {
                File.WriteAllText(Path.Combine(claw.Memory, $"f{i % 40}"), $"round {i}");
            }
        }, TestContext.Current.CancellationToken);
        claw.Claw("backup", backup, "--store", claw.Mount).Must();
        await writer;
        File.WriteAllText(Path.Combine(claw.Memory, "later"), "later");
        string second = claw.Claw("backup", backup, "--store", claw.Mount).Must().Out;
        Assert.Contains("verified: clean", second);
        Assert.DoesNotContain(" 0 kept from before", second);
        claw.Down();

        string restored = Path.Combine(place.Path, "restored");
        Assert.Contains("verified: clean", claw.Claw("restore", backup, restored).Must().Out);
        claw.Claw("up", claw.Mount, "--store", restored).Must();
        try
        {
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(claw.Memory, "big")));
            Assert.Equal("later", File.ReadAllText(Path.Combine(claw.Memory, "later")));
            Assert.Equal("round 399", File.ReadAllText(Path.Combine(claw.Memory, "f39")));
            string health = File.ReadAllText(Path.Combine(claw.Mount, "sys/health"));
            Assert.Contains("restored: ", health);
            claw.Claw("fsck", claw.Mount, "--accept-rollback").Must();
            Assert.DoesNotContain("restored: ", File.ReadAllText(Path.Combine(claw.Mount, "sys/health")));
        }
        finally
        {
            claw.Claw("down", claw.Mount).Must();
        }
    }

    [Fact]
    public void A_backup_goes_into_no_folder_that_holds_something_else()
    {
        using ClawMount claw = new ClawMount().Up();
        using TestFolder place = new();
        File.WriteAllText(Path.Combine(place.Path, "mine"), "keep");
        ProgramResult refused = claw.Claw("backup", place.Path, "--store", claw.Mount);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is not empty", refused.Err);
        Assert.Equal("keep", File.ReadAllText(Path.Combine(place.Path, "mine")));
    }
}
