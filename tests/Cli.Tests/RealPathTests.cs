using ClawOS.Cli.Mounts;
using ClawOS.Mounting;

namespace Cli.Tests;

public sealed class RealPathTests
{
    [Fact]
    public void Links_are_followed_wherever_they_stand()
    {
        using TestFolder folder = new();
        Directory.CreateDirectory(folder["real/inner"]);
        File.CreateSymbolicLink(folder["link"], "real");
        File.CreateSymbolicLink(folder["real/up"], "../link/inner");
        string root = RealPath.Of(folder.Path);
        Assert.Equal($"{root}/real/inner", RealPath.Of(folder["link/inner"]));
        Assert.Equal($"{root}/real/inner", RealPath.Of(folder["link/up"]));
        Assert.Equal($"{root}/real/missing/name", RealPath.Of(folder["link/missing/name"]));
    }

    [Fact]
    public void A_circle_of_links_is_an_error()
    {
        using TestFolder folder = new();
        File.CreateSymbolicLink(folder["a"], "b");
        File.CreateSymbolicLink(folder["b"], "a");
        Assert.Throws<ClawOS.Cli.CliException>(() => RealPath.Of(folder["a"]));
    }
}
