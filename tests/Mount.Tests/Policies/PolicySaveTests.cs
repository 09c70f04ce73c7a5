using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Policies;

/// <summary>Every way in which programs save a file, with a policy that is valid and with one that is not.</summary>
public sealed class PolicySaveTests(PolicyMount mount) : IClassFixture<PolicyMount>
{
    private const string Bad = "extends = \"coder\"\n[paths]\nraed = [\"/usr/share/**\"]\n";

    [Theory]
    [InlineData("printf '%s' \"$NEW\" > mine.toml")]
    [InlineData("cp \"$SOURCE\" mine.toml")]
    [InlineData("cp -p \"$SOURCE\" mine.toml")]
    [InlineData("cp --remove-destination \"$SOURCE\" mine.toml")]
    [InlineData("mv \"$SOURCE\" mine.toml")]
    [InlineData("install -m 600 \"$SOURCE\" mine.toml")]
    [InlineData("tee mine.toml < \"$SOURCE\" > /dev/null")]
    [InlineData("dd if=\"$SOURCE\" of=mine.toml bs=7 status=none")]
    [InlineData("cp \"$SOURCE\" ../../memory/m.toml; mv ../../memory/m.toml mine.toml")]
    [InlineData("cp \"$SOURCE\" ../draft/mine.toml; mv ../draft/mine.toml mine.toml")]
    [InlineData("cp \"$SOURCE\" .mine.tmp; mv .mine.tmp mine.toml")]
    [InlineData("python3 -c 'import os,sys; f=open(\".t\",\"w\"); f.write(os.environ[\"NEW\"]); f.flush(); os.fsync(f.fileno()); f.close(); os.replace(\".t\",\"mine.toml\")'")]
    [InlineData("python3 -c 'import os; f=open(\"mine.toml\",\"r+\"); f.truncate(0); f.write(os.environ[\"NEW\"]); f.close()'")]
    [InlineData("python3 -c 'import os; f=open(\".t\",\"w\"); f.write(os.environ[\"NEW\"]); f.flush(); os.rename(\".t\",\"mine.toml\"); f.close()'")]
    [InlineData("rsync -a \"$SOURCE\" mine.toml")]
    public void A_save_is_in_effect_when_the_program_ends_and_a_bad_one_changes_nothing(string line)
    {
        if (line.StartsWith("rsync", StringComparison.Ordinal))
        {
            Need.Program("rsync");
        }

        File.WriteAllText(mount.Mine, PolicyMount.Good);
        mount.MustBe(PolicyMount.Good, "/usr/lib/**");
        using TestFolder folder = new();
        long refusals = mount.Errors.Split("mine.toml").Length;
        ProgramResult bad = With(folder, Bad, line);
        Assert.True(bad.ExitCode != 0, bad.ToString());
        Assert.Contains("mine.toml:3:1: unknown key 'raed'", mount.Errors, StringComparison.Ordinal);
        Assert.True(mount.Errors.Split("mine.toml").Length > refusals || mount.Errors.Split("Z]").Length > 32, mount.Errors);
        if (line.Contains("--remove", StringComparison.Ordinal) || line.StartsWith("install", StringComparison.Ordinal) || line.Contains("mv \"$SOURCE\"", StringComparison.Ordinal) || line.Contains("mv ../../memory", StringComparison.Ordinal))
        {
            // These remove the target first (mv between file systems, too), which is a change of its own: nothing is allowed then.
            Assert.False(File.Exists(mount.Mine));
            Assert.Empty(mount.Effective("mine"));
        }
        else
        {
            mount.MustBe(PolicyMount.Good, "/usr/lib/**");
        }

        With(folder, PolicyMount.Better, line).Must();
        mount.MustBe(PolicyMount.Better, "/usr/share/**");
        Assert.DoesNotContain(Directory.EnumerateFiles(mount.Active), file => !file.EndsWith(".toml", StringComparison.Ordinal) && !file.EndsWith(".tmp", StringComparison.Ordinal) && !file.EndsWith("/.t", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("lib", "share", 0)]
    [InlineData("read", "raed", 1)]
    public void Sed_in_place_replaces_by_a_rename(string from, string to, int code)
    {
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        ProgramResult done = TryShell(mount.Active, $"sed -i 's/{from}/{to}/' mine.toml");
        Assert.Equal(code == 0, done.ExitCode == 0);
        Assert.Equal(code, done.Err.Length == 0 ? 0 : 1);
        mount.MustBe(code == 0 ? PolicyMount.Better : PolicyMount.Good, code == 0 ? "/usr/share/**" : "/usr/lib/**");
    }

    [Theory]
    [InlineData("set backupskip= backupcopy=auto")]
    [InlineData("set backupskip= backupcopy=no writebackup")]
    [InlineData("set backupskip= backupcopy=yes")]
    [InlineData("set backupskip= nobackup nowritebackup")]
    [InlineData("set backupskip= backup backupcopy=no")]
    public void Vim_saves_however_it_is_set_and_a_refused_save_leaves_the_old_one(string setting)
    {
        Need.Program("vim");
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        ProgramResult bad = Vim(setting, "s/read/raed/");
        Assert.True(bad.ExitCode != 0, bad.ToString());
        mount.MustBe(PolicyMount.Good, "/usr/lib/**");
        Vim(setting, "s/lib/share/").Must();
        mount.MustBe(PolicyMount.Better, "/usr/share/**");
        Shell(mount.Active, "rm -f mine.tom*~");
        mount.MustBe(PolicyMount.Better, "/usr/share/**");
    }

    [Fact]
    public void Two_writers_at_once_leave_one_of_the_two_whole()
    {
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        Shell(mount.Active, "for i in 1 2 3 4 5 6 7 8 9 10; do printf '%s' \"$A\" > mine.toml & printf '%s' \"$B\" > mine.toml & wait; done", PolicyMount.Good, PolicyMount.Better);
        string text = File.ReadAllText(mount.Mine);
        Assert.True(text is PolicyMount.Good or PolicyMount.Better, text);
        mount.MustBe(text, text == PolicyMount.Good ? "/usr/lib/**" : "/usr/share/**");
    }

    [Fact]
    public void What_is_half_written_is_not_in_effect()
    {
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        using (FileStream open = File.OpenWrite(mount.Mine))
        {
            open.SetLength(0);
            open.Write("extends = \"coder\"\n"u8);
            open.Flush();
            mount.MustBe(PolicyMount.Good, "/usr/lib/**");
        }

        Assert.Equal("extends = \"coder\"\n", File.ReadAllText(mount.Mine));
    }

    [Fact]
    public void A_new_policy_that_is_refused_is_not_there()
    {
        Assert.NotEqual(0, TryShell(mount.Active, "echo 'raed = []' > new.toml").ExitCode);
        Assert.NotEqual(0, TryShell(mount.Active, "echo 'extends = \"nobody\"' > new.toml").ExitCode);
        Assert.Contains("there is no policy 'nobody'", mount.Errors, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => !File.Exists(Path.Combine(mount.Active, "new.toml")), TimeSpan.FromSeconds(10)));
        Assert.Contains("Invalid argument", TryShell(mount.Active, "touch Upper.toml").Err, StringComparison.Ordinal);
        Assert.Contains("Bad message", TryShell(mount.Active, "echo 'x = 1' > ../draft/n.toml; mv ../draft/n.toml new.toml").Err, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(mount.Root, "draft/n.toml")));
    }

    [Fact]
    public void What_another_policy_extends_can_be_neither_removed_nor_narrowed_under_it()
    {
        string parent = Path.Combine(mount.Active, "parent.toml");
        File.WriteAllText(parent, "[paths]\nread = [\"/usr/**\"]\n");
        File.WriteAllText(Path.Combine(mount.Active, "child.toml"), "extends = \"parent\"\n[paths]\nread = [\"/usr/lib/**\"]\n");
        Assert.Contains("busy", TryShell(mount.Active, "rm parent.toml").Err, StringComparison.Ordinal);
        Assert.Contains("Bad message", TryShell(mount.Active, "mv parent.toml parent.off").Err, StringComparison.Ordinal);
        Assert.NotEqual(0, TryShell(mount.Active, "echo '[paths]' > ../draft/p && echo 'read = [\"/opt/**\"]' >> ../draft/p && cp ../draft/p parent.toml").ExitCode);
        Assert.Contains("'child' extends", mount.Errors, StringComparison.Ordinal);
        Assert.Contains("child.toml:3:", mount.Errors, StringComparison.Ordinal);
        Shell(mount.Active, "rm child.toml parent.toml");
        Assert.Empty(mount.Effective("parent"));
    }

    [Fact]
    public void A_backup_keeps_its_policy_in_effect_until_it_goes_and_another_name_ends_it()
    {
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        Shell(mount.Active, "mv mine.toml mine.toml~");
        Assert.False(File.Exists(mount.Mine));
        Assert.Single(mount.Effective("mine"));
        Shell(mount.Active, "rm mine.toml~");
        Assert.Empty(mount.Effective("mine"));
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        Shell(mount.Active, "mv mine.toml mine.off");
        Assert.Empty(mount.Effective("mine"));
        Shell(mount.Active, "mv mine.off mine.toml");
        mount.MustBe(PolicyMount.Good, "/usr/lib/**");
    }

    private static string Shell(string folder, string line, string a = "", string b = "") =>
        Run(new ProgramOptions { Folder = folder, Environment = new Dictionary<string, string?> { ["A"] = a, ["B"] = b } }, "bash", "-ceu", line).Must().Out;

    private ProgramResult Vim(string setting, string change) => Run(
        new ProgramOptions { Folder = mount.Active, Input = "" }, "vim", "-u", "NONE", "-es", "-c", setting, "-c", "$" + change, "-c", "wq", "-c", "cquit", "mine.toml");

    private ProgramResult With(TestFolder folder, string text, string line)
    {
        File.WriteAllText(folder["source.toml"], text);
        return Run(
            new ProgramOptions { Folder = mount.Active, Environment = new Dictionary<string, string?> { ["NEW"] = text, ["SOURCE"] = folder["source.toml"] } }, "bash", "-ceu", line);
    }
}
