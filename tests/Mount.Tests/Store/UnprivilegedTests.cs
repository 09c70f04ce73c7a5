using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Store;

/// <summary>The product for a user without any privilege.</summary>
public sealed class UnprivilegedTests : ProductTests
{
    [Fact]
    public void A_user_mounts_writes_and_unmounts_without_root()
    {
        Need.Fuse();
        Need.Program("fusermount3", "setpriv");
        using TestFolder home = new();
        string program = Path.GetDirectoryName(Repository.ClawCommand()[^1])!;
        Shell("/", $"cp -r '{program}' '{home["bin"]}'; chown -R 65534:65534 '{home.Path}'");
        string user = $"setpriv --reuid 65534 --regid 65534 --clear-groups env HOME='{home.Path}' XDG_STATE_HOME='{home["state"]}' CLAW_STATE='{home["state"]}/claw' DOTNET_CLI_HOME='{home.Path}' NO_COLOR=1";
        string claw = $"{user} dotnet '{home["bin"]}/claw.dll'";
        if (TryShell(home.Path, $"{user} dotnet '{home["bin"]}/claw.dll' --help").ExitCode != 0)
            Assert.Skip("the .NET runtime cannot be run by another user here");
        if (TryShell(home.Path, $"{user} test -w /dev/fuse").ExitCode != 0)
            Assert.Skip("/dev/fuse is for root only here");
        try
        {
            ProgramResult up = TryShell(home.Path, $"{claw} up", 60);
            Assert.True(up.ExitCode == 0, up.ToString());
            string memory = $"{home.Path}/claw/memory";
            Shell(home.Path, $"{user} sh -c 'echo hello > {memory}/note && cat {memory}/note && ls {home.Path}/claw && mkdir {memory}/d && mv {memory}/note {memory}/d/'");
            // Without allow_other nobody else gets in, root included.
            Assert.NotEqual(0, TryShell("/", $"cat {memory}/d/note").ExitCode);
            Shell(home.Path, $"{claw} down", 60);
            Shell(home.Path, $"{claw} up", 60);
            Assert.Equal("hello", Shell(home.Path, $"{user} cat {memory}/d/note").Trim());
            Shell(home.Path, $"{claw} down", 60);
        }
        finally
        {
            TryShell("/", $"umount -l '{home.Path}/claw'");
        }
    }
}
