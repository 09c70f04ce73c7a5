using System.Text;

namespace ClawFS.Crypto.Tests;

public sealed class KeyFileTests
{
    private const string Known = "claw-key-1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= 46dd794e";

    [Fact]
    public void A_new_key_file_is_private_one_line_and_readable()
    {
        using TempFolder temp = new();
        KeyFile.Write(temp["key"]);
        using Credential credential = KeyFile.Read(temp["key"]);

        string text = File.ReadAllText(temp["key"]);
        Assert.Matches("^claw-key-1 [A-Za-z0-9+/]{43}= [0-9a-f]{8}\n$", text);
        Assert.Equal(Convert.FromBase64String(text.Split(' ')[1]), credential.Secret);
        Assert.Equal(SlotKind.KeyFile, credential.Kind);
        Assert.True(IsPrivate(temp["key"]));
    }

    [Fact]
    public void A_key_file_is_never_overwritten()
    {
        using TempFolder temp = new();
        KeyFile.Write(temp["key"]);
        string before = File.ReadAllText(temp["key"]);

        Assert.Equal(KeyError.Exists, Assert.Throws<KeyException>(() => KeyFile.Write(temp["key"])).Code);
        Assert.Equal(before, File.ReadAllText(temp["key"]));
    }

    [Theory]
    [InlineData(Known)]
    [InlineData(Known + "\n")]
    [InlineData("  " + Known + " \r\n\n")]
    public void What_an_editor_leaves_around_the_line_is_ignored(string text)
    {
        using TempFolder temp = new();
        File.WriteAllText(temp["key"], text);
        using Credential credential = KeyFile.Read(temp["key"]);

        Assert.Equal(Enumerable.Range(0, 32).Select(i => (byte)i), credential.Secret.ToArray());
    }

    [Fact]
    public void A_symlink_to_a_key_file_is_followed()
    {
        using TempFolder temp = new();
        File.WriteAllText(temp["key"], Known);
        File.CreateSymbolicLink(temp["link"], "key");
        using Credential credential = KeyFile.Read(temp["link"]);

        Assert.Equal(1, credential.Secret[1]);
    }

    [Fact]
    public void A_missing_key_file_is_named()
    {
        using TempFolder temp = new();
        foreach (string path in new[] { temp["key"], temp["no/such/key"] })
        {
            KeyException e = Assert.Throws<KeyException>(() => KeyFile.Read(path));
            Assert.Equal(KeyError.Missing, e.Code);
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_newer_key_file_is_told_from_a_damaged_one()
    {
        using TempFolder temp = new();
        File.WriteAllText(temp["key"], Known.Replace("claw-key-1", "claw-key-2", StringComparison.Ordinal));

        Assert.Equal(KeyError.TooNew, Assert.Throws<KeyException>(() => KeyFile.Read(temp["key"])).Code);
    }

    [Fact]
    public void Every_changed_or_missing_character_is_noticed()
    {
        using TempFolder temp = new();
        for (int at = 0; at < Known.Length; at++)
        {
            AssertRefused(temp, Known[..at]);
            AssertRefused(temp, Known.Remove(at, 1));
            AssertRefused(temp, Known.Insert(at, "+"));
            AssertRefused(temp, Known[..at] + (Known[at] == 'Z' ? 'Y' : 'Z') + Known[(at + 1)..]);
        }
    }

    [Fact]
    public void Random_bytes_are_no_key_file()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        using TempFolder temp = new();
        for (int round = 0; round < 300; round++)
        {
            byte[] noise = new byte[random.Next(300)];
            random.NextBytes(noise);
            AssertRefused(temp, "claw-key-1 " + Encoding.Latin1.GetString(noise));
            File.WriteAllBytes(temp["key"], noise);
            Assert.Throws<KeyException>(() => KeyFile.Read(temp["key"]));
        }
    }

    private static void AssertRefused(TempFolder temp, string text)
    {
        File.WriteAllText(temp["key"], text);
        KeyException e = Assert.Throws<KeyException>(() => KeyFile.Read(temp["key"]));
        Assert.True(e.Code is KeyError.Damaged or KeyError.TooNew, text);
    }

    private static bool IsPrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            return false;
        return File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
