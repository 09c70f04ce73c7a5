using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Store;

/// <summary>The product for a user without any privilege.</summary>
public sealed class UnprivilegedTests : ProductTests
{
    /// <summary>
    /// Runs in a mount namespace of its own, where /dev/fuse is open to everybody as udev makes it on a desktop; containers often keep
    /// it to root. Whatever stays mounted goes with the namespace.
    /// </summary>
    private const string Script = """
        mknod $HOME/fuse c 10 229; chmod 0666 $HOME/fuse; mount --bind $HOME/fuse /dev/fuse
        as() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
        claw() { as dotnet $HOME/bin/claw.dll "$@"; }
        as dotnet $HOME/bin/claw.dll --help > /dev/null || { echo NO-DOTNET; exit 0; }
        trap 'claw down --force >&2 || true' EXIT
        cd $HOME
        claw up >&2
        as sh -ce 'echo hello > claw/memory/note; mkdir claw/memory/d; mv claw/memory/note claw/memory/d/; ls claw >&2'
        cat claw/memory/d/note 2>&1 || echo root-keeps-out
        claw down >&2
        claw up >&2
        as cat claw/memory/d/note
        as stat -c %u claw/memory/d/note
        claw doctor | grep -q 'a killed fs gets its key again' && mv state/keys state/keys.away
        as sh -ce 'exec 7< claw/memory/d/note; kill -9 $0; cat claw/memory/d/note; cat <&7' $(claw status | awk '$1 == "fs" {print $2}')
        [ ! -d state/keys.away ] || mv state/keys.away state/keys
        """;

    [Fact]
    public void A_user_mounts_writes_and_unmounts_without_root_and_goes_on_after_a_kill_of_fs()
    {
        Need.Fuse();
        Need.Program("fusermount3", "setpriv", "unshare");
        using TestFolder home = new();
        string program = Path.GetDirectoryName(Repository.ClawCommand()[^1])!;
        Programs.Shell("/", $"cp -r '{program}' '{home["bin"]}'; chown -R 65534:65534 '{home.Path}'");
        ProgramOptions options = new()
        {
            Timeout = TimeSpan.FromMinutes(2),
            Environment = new Dictionary<string, string?>
            {
                ["HOME"] = home.Path, ["DOTNET_CLI_HOME"] = home.Path, ["CLAW_STATE"] = home["state"], ["XDG_STATE_HOME"] = null, ["NO_COLOR"] = "1",
            },
        };
        ProgramResult result = Programs.Run(options, "unshare", "-m", "bash", "-ceu", Script).Must();
        if (result.Out.Contains("NO-DOTNET", StringComparison.Ordinal))
            Assert.Skip("the .NET runtime cannot be run by another user here");
        string[] lines = result.Out.Trim().Split('\n');
        Assert.Equal(["root-keeps-out", "hello", "65534", "hello", "hello"], lines[^5..]);
    }
}
