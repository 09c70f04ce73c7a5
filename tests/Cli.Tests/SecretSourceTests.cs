using ClawFS.Crypto;
using ClawOS.Cli;
using ClawOS.Cli.Stores;
using ClawOS.Mounting;
using Microsoft.Win32.SafeHandles;

namespace Cli.Tests;

public sealed class SecretSourceTests
{
    [Fact]
    public void A_key_file_opens_the_same_through_its_descriptor()
    {
        using TestFolder folder = new();
        string path = folder["key"];
        KeyFile.Write(path);
        SecretSource source = SecretSource.FromKeyFile(path);
        AssertOpens(source, folder);
    }

    [Fact]
    public void A_passphrase_with_letters_of_any_script_goes_through_a_descriptor()
    {
        using TestFolder folder = new();
        AssertOpens(SecretSource.FromText(SecretSource.Passphrase, "grüße κόσμε 🗝"), folder);
    }

    [Fact]
    public void A_recovery_code_goes_through_a_descriptor()
    {
        using TestFolder folder = new();
        AssertOpens(SecretSource.FromText(SecretSource.Recovery, RecoveryCode.Generate()), folder);
    }

    [Fact]
    public void A_missing_key_file_is_said_with_its_place()
    {
        CliException error = Assert.Throws<CliException>(() => SecretSource.FromKeyFile("/no/such/key").ToDescriptor());
        Assert.Equal(ExitCodes.WrongKey, error.ExitCode);
        Assert.Contains("/no/such/key", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Slots made with the credential itself open with the one that came over the descriptor.</summary>
    private static void AssertOpens(SecretSource source, TestFolder place)
    {
        using ClawFS.Linux.Folder folder = ClawFS.Linux.Folder.Open(place.Path);
        using Credential direct = source.ToCredential();
        KeySlots slots = KeySlots.Create(folder, Guid.NewGuid(), direct, "test", out SecretKey master);
        using SafeFileHandle descriptor = source.ToDescriptor();
        using Credential passed = SecretSource.Read(source.Kind, descriptor);
        using SecretKey unlocked = slots.Unlock(passed);
        using (master)
        {
            Assert.True(master.SameAs(unlocked));
        }
    }
}
