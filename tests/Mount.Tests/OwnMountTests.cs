using ClawOS.Mounting;

namespace ClawOS.Mount.Tests;

/// <summary>A test's mount is told from another test's whose folder begins alike: claw-tests.7.1 and claw-tests.7.17.</summary>
public sealed class OwnMountTests
{
    [Fact]
    public void A_mount_beside_its_own_is_not_its_own_and_outlives_it()
    {
        Need.Root();
        ClawMount own = new();
        string other = own.Base + "7";
        Directory.CreateDirectory(other);
        Programs.Run(new ProgramOptions(), "mount", "--bind", other, other).Must();
        try
        {
            Assert.False(own.IsMounted);
            own.Dispose();
            Assert.Contains($" {other} ", File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        }
        finally
        {
            Programs.Run(new ProgramOptions(), "umount", "-l", other);
            Directory.Delete(other);
        }
    }
}
