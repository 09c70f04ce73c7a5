using ClawFS.Supervisor;

namespace Supervisor.Tests.Running;

public sealed class SupervisorOptionsTests
{
    [Fact]
    public void Options_survive_the_way_through_arguments()
    {
        SupervisorOptions options = new()
        {
            Mount = "/mnt/with space",
            Store = "/store",
            StateFolder = "/state/mounts/x",
            OwnerUid = 1000,
            OwnerGid = uint.MaxValue,
            ReadOnly = true,
            AllowOther = true,
            Credential = "passphrase",
            Leash = true,
            FsRestartsPerMinute = 70,
        };
        SupervisorOptions read = SupervisorOptions.Parse(options.ToArguments());
        Assert.Equivalent(options, read, strict: true);
    }

    [Fact]
    public void Arguments_from_elsewhere_are_refused()
    {
        Assert.Throws<FormatException>(() => SupervisorOptions.Parse(["stray"]));
        Assert.Throws<FormatException>(() => SupervisorOptions.Parse(["--mount", "/m"]));
    }
}
