using ClawOS.Mount.Tests.Restart;
using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Policies;

/// <summary>The other files of `policy/`, and what outlives what.</summary>
public sealed class PolicyTreeTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_save_that_was_answered_outlives_a_kill_of_fs_and_of_everything()
    {
        using PolicyMount mount = new();
        Assert.Equal(["coder.toml", "read-only.toml", "researcher.toml", "tool-default.toml"], Directory.GetFiles(mount.Active).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("# For writing programs", File.ReadAllText(Path.Combine(mount.Active, "coder.toml")), StringComparison.Ordinal);
        RestartedFs fs = new(mount.Claw);
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        fs.Kill();
        fs.WaitForSuccessor();
        mount.MustBe(PolicyMount.Good, "/usr/lib/**");
        File.WriteAllText(mount.Mine, PolicyMount.Better);
        File.WriteAllText(Path.Combine(mount.Root, "draft/notes.txt"), "not yet\n");
        File.WriteAllText(Path.Combine(mount.Root, "mode"), "audit\n");
        File.Delete(Path.Combine(mount.Active, "researcher.toml"));
        DateTime written = File.GetLastWriteTimeUtc(mount.Mine);
        mount.Claw.KillEverything();
        mount.Claw.Up();
        mount.MustBe(PolicyMount.Better, "/usr/share/**");
        Assert.Equal(("not yet\n", "audit\n"), (File.ReadAllText(Path.Combine(mount.Root, "draft/notes.txt")), File.ReadAllText(Path.Combine(mount.Root, "mode"))));
        Assert.False(File.Exists(Path.Combine(mount.Active, "researcher.toml")));
        Assert.Equal(written, File.GetLastWriteTimeUtc(mount.Mine));
        mount.Claw.KillEverything();
        Assert.Equal("", TryShell(mount.Claw.Store, "grep -rla -e 'not yet' -e 'WORKSPACE' .").Out);
    }

    [Fact]
    public void A_writer_that_is_open_when_fs_dies_hears_of_it()
    {
        using PolicyMount mount = new();
        RestartedFs fs = new(mount.Claw);
        string said = "";
        using TestFolder folder = new();
        using (RunningProgram writer = Start(new ProgramOptions { Folder = mount.Active }, "python3", "-uc", $"""
            import os, time
            fd = os.open('mine.toml', os.O_WRONLY | os.O_CREAT)
            os.write(fd, b'[paths]\n')
            print('ready')
            while not os.path.exists('{folder["go"]}'): time.sleep(0.1)
            os.close(fd)
            print('saved')
            """))
        {
            Assert.True(writer.WaitFor("ready", s_limit));
            fs.Kill();
            fs.WaitForSuccessor();
            File.WriteAllText(folder["go"], "");
            ProgramResult end = writer.Wait(s_limit);
            said = end.Out + end.Err;
        }

        Assert.Contains("OSError", said, StringComparison.Ordinal);
        Assert.DoesNotContain("saved", said, StringComparison.Ordinal);
        Assert.False(File.Exists(mount.Mine));
    }

    [Fact]
    public void A_locked_store_answers_ENOKEY_and_shows_them_again_when_it_is_open()
    {
        using PassphraseMount locked = new();
        string policy = Path.Combine(locked.Claw.Mount, "policy");
        File.WriteAllText(Path.Combine(policy, "active/mine.toml"), PolicyMount.Good);
        locked.Claw.Claw("lock", locked.Claw.Mount).Must();
        foreach (string line in new[] { "ls active", "cat active/mine.toml", "echo x > draft/x", "cat effective", "cat mode", "rm active/mine.toml", "mv active/mine.toml draft/m" })
        {
            ProgramResult refused = TryShell(policy, line);
            Assert.True(refused.ExitCode != 0 && refused.Err.Contains("Required key not available", StringComparison.Ordinal), refused.ToString());
        }

        locked.Unlock().Must();
        Assert.Equal(PolicyMount.Good, File.ReadAllText(Path.Combine(policy, "active/mine.toml")));
    }

    [Fact]
    public void Explain_answers_on_the_same_descriptor_and_grep_ends()
    {
        using PolicyMount mount = new();
        Assert.StartsWith("denied by view+landlock: ", mount.Explain("agent=coder open-read /etc/shadow"), StringComparison.Ordinal);
        Assert.StartsWith("allowed by view+landlock, coder.toml:6: ", mount.Explain("policy=coder open-read /usr/bin/git"), StringComparison.Ordinal);
        Assert.StartsWith("allowed by ", mount.Explain("policy=coder workspace=/srv/x open-write /srv/x/a"), StringComparison.Ordinal);
        Assert.Contains("no policy 'nobody' is active", mount.Explain("agent=nobody open-read /"), StringComparison.Ordinal);
        Assert.StartsWith("error: ", mount.Explain("open-read /"), StringComparison.Ordinal);
        Assert.StartsWith("error: ", mount.Explain("policy=coder open-reed /"), StringComparison.Ordinal);
        string before = mount.Explain("policy=read-only open-read /opt/x");
        File.WriteAllText(Path.Combine(mount.Active, "read-only.toml"), "[paths]\nread = [\"/opt/**\"]\n");
        Assert.NotEqual(before, mount.Explain("policy=read-only open-read /opt/x"));
        Assert.Contains("coder.toml", TryShell(mount.Root, "timeout 20 grep -rn WORKSPACE .").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Watchers_hear_of_a_save_and_of_what_follows_from_it()
    {
        Need.Program("inotifywait");
        using PolicyMount mount = new();
        _ = File.ReadAllText(Path.Combine(mount.Root, "effective"));
        _ = File.ReadAllText(Path.Combine(mount.Root, "mode"));
        using RunningProgram watch = Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%w%f %e", mount.Active, Path.Combine(mount.Root, "effective"), Path.Combine(mount.Root, "mode"));
        Assert.True(watch.WaitFor("Watches established", s_limit), watch.Printed);
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        Assert.True(watch.WaitFor("mine.toml CLOSE_WRITE", s_limit), watch.Printed);
        Assert.True(watch.WaitFor("effective MODIFY", s_limit), watch.Printed);

        // Who watches the mode hears of the mode: what the first save woke has come by the time that the second is told.
        File.WriteAllText(mount.Mine, PolicyMount.Better);
        Assert.True(SpinWait.SpinUntil(() => watch.Printed.Split("effective MODIFY").Length > 2, s_limit), watch.Printed);
        Assert.DoesNotContain("mode MODIFY", watch.Printed, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(mount.Root, "mode"), "audit\n");
        Assert.True(watch.WaitFor("mode MODIFY", s_limit), watch.Printed);
    }

    [Fact]
    public void Scratch_is_few_and_forgotten_and_drafts_are_free()
    {
        using PolicyMount mount = new();
        Assert.Contains("Disk quota exceeded", TryShell(mount.Active, "for i in $(seq 100); do : > scratch$i; done").Err, StringComparison.Ordinal);
        Assert.Equal(64, Directory.GetFiles(mount.Active, "scratch*").Length);
        Shell(mount.Root, "head -c 100000 /dev/urandom > draft/noise; cp draft/noise active/noise.bin 2>/dev/null || true; rm active/scratch1; cp draft/noise active/noise.bin");
        Assert.Contains("File too large", TryShell(mount.Root, "head -c 2000000 /dev/zero > draft/big").Err, StringComparison.Ordinal);
        Assert.Contains("Operation not permitted", TryShell(mount.Root, "mkdir active/x").Err, StringComparison.Ordinal);
        string noise = Shell(mount.Root, "sha256sum < draft/noise");
        mount.Claw.Remount();
        Assert.Equal(4, Directory.GetFiles(mount.Active).Length);
        Assert.Equal(noise, Shell(mount.Root, "sha256sum < draft/noise"));
    }

    [Fact]
    public void A_name_means_the_policy_of_the_mount_and_no_shipped_one()
    {
        using PolicyMount mount = new();
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        Assert.Contains("mine.toml:3", mount.Claw.Claw("policy", "compile", "mine").Must().Out, StringComparison.Ordinal);
        Assert.Contains("mine: ok", mount.Claw.Claw("policy", "check", mount.Mine).Must().Out, StringComparison.Ordinal);
        File.Delete(Path.Combine(mount.Active, "researcher.toml"));
        Assert.Contains("researcher: no such policy in", mount.Claw.Claw("policy", "compile", "researcher").Err, StringComparison.Ordinal);
        ProgramResult none = mount.Claw.Claw("policy", "compile", "nobody");
        Assert.Contains("mine", none.Err, StringComparison.Ordinal);
        Assert.NotEqual(0, none.ExitCode);

        // With a second mount a name alone means nothing, and least of all what comes with claw.
        string second = Path.Combine(mount.Claw.Base, "second");
        mount.Claw.Claw("up", second, "--store", second + "-store").Must();
        ProgramResult several = mount.Claw.Claw("policy", "compile", "researcher");
        Assert.True(several.ExitCode == 2 && several.Err.Contains($"several are mounted", StringComparison.Ordinal), several.ToString());
        Assert.Contains("mine.toml:3", mount.Claw.Claw("policy", "compile", "mine", "--mount", mount.Claw.Mount).Must().Out, StringComparison.Ordinal);
        Assert.Contains("mine.toml:3", mount.Claw.Claw("policy", "compile", mount.Mine).Must().Out, StringComparison.Ordinal);
        mount.Claw.Claw("down", second).Must();
        Assert.Contains("is not mounted", mount.Claw.Claw("policy", "compile", "mine", "--mount", second).Err, StringComparison.Ordinal);
        mount.Claw.Claw("lock", mount.Claw.Mount).Must();
        Assert.Contains("locked", mount.Claw.Claw("policy", "compile", "coder").Err, StringComparison.Ordinal);
    }
}
