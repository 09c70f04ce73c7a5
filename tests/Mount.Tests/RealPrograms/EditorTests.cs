using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.RealPrograms;

[Collection(SharedMountCollection.Name)]
public sealed class EditorTests(SharedMount mount)
{
    [Theory]
    [InlineData("")]
    [InlineData("set backupcopy=yes")]
    [InlineData("set backupcopy=no")]
    [InlineData("set backup backupext=.bak")]
    [InlineData("set undofile")]
    public void Vim_saves_and_leaves_nothing_else_behind(string setting)
    {
        Need.Program("vim");
        using TestFolder folder = mount.NewFolder();
        File.WriteAllText(folder["note.md"], "one\ntwo\n");
        File.SetUnixFileMode(folder["note.md"], (UnixFileMode)0b110_100_000);
        for (int i = 0; i < 3; i++)
            Shell(folder.Path, $"HOME='{folder.Path}/..' vim -u NONE -es -c '{(setting == "" ? "set fsync" : setting)}' -c '$put =\\\"line{i}\\\"' -c 'wq' note.md < /dev/null");
        Assert.Equal("one\ntwo\nline0\nline1\nline2\n", File.ReadAllText(folder["note.md"]));
        Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(folder["note.md"]));
        Assert.DoesNotContain(Directory.GetFiles(folder.Path), f => f.EndsWith(".swp", StringComparison.Ordinal));
    }

    [Fact]
    public void Sed_in_place_replaces_the_file_and_keeps_its_mode()
    {
        using TestFolder folder = mount.NewFolder();
        for (int i = 0; i < 20; i++)
            File.WriteAllText(folder[$"f{i}"], $"colour {i}\n");
        Shell(folder.Path, "chmod 0640 f*; for n in 1 2 3; do sed -i 's/colour/color/;t;s/color/colour/' f*; done; sed -i.bak 's/r/R/' f0");
        Assert.Equal("coloR 0\n", File.ReadAllText(folder["f0"]));
        Assert.Equal("color 0\n", File.ReadAllText(folder["f0.bak"]));
        Assert.Equal("color 19\n", File.ReadAllText(folder["f19"]));
        Assert.Equal("640", Shell(folder.Path, "stat -c %a f19").Trim());
        Assert.Equal(21, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void Shell_redirections_replace_append_and_report()
    {
        using TestFolder folder = mount.NewFolder();
        string text = Shell(folder.Path, "echo a > f; echo b >> f; cat f f > g; tee -a f < g > /dev/null; set -C; (echo x > f) 2>/dev/null || echo kept; wc -l < f; dd if=/dev/zero of=z bs=1M count=3 conv=fsync status=none; stat -c %s z");
        Assert.Equal("kept\n6\n3145728\n", text);
    }
}
