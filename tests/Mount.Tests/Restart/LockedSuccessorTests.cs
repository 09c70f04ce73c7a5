using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Restart;

/// <summary>fs is killed and its successor has no key: the mount lives on without stored content until claw unlock.</summary>
public sealed class LockedSuccessorTests : ProductTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Without_a_key_stored_files_answer_ENOKEY_until_unlock_and_open_files_go_on_after_it()
    {
        Need.Program("python3");
        using PassphraseMount mount = new();
        string path = Path.Combine(mount.Claw.Memory, "f"), later = Path.Combine(mount.Claw.Memory, "later");
        File.WriteAllBytes(path, Content(1, 100_000));
        using FileStream open = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        using RunningProgram shell = Programs.Start(new ProgramOptions { Folder = mount.Claw.Memory }, "bash", "-c", "echo ready; until [ -s later ]; do sleep 0.05; done; pwd; cat later");
        Assert.True(shell.WaitFor("ready", s_limit));
        using RunningProgram tail = Programs.Start(new ProgramOptions(), "tail", "-n", "+1", "-f", Path.Combine(mount.Claw.Mount, "events"));
        Assert.True(tail.WaitFor("memory/f", s_limit), tail.Printed);

        mount.Fs.DropKey();
        mount.Fs.Kill();
        mount.Fs.WaitForState("locked");
        AssertLocked($"cat {later}");
        AssertLocked($"ls {mount.Claw.Memory}");
        Assert.Contains("locked:", File.ReadAllText(Path.Combine(mount.Claw.Mount, "sys/health")), StringComparison.Ordinal);
        ProgramResult status = mount.Claw.Claw("status", mount.Claw.Mount);
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("locked (stored files answer ENOKEY; claw unlock", status.Out, StringComparison.Ordinal);
        Assert.Contains("is mounted already", mount.Claw.TryUp().Must().Out, StringComparison.Ordinal);

        mount.Unlock().Must();
        mount.Fs.WaitForState("running");
        Assert.True(mount.Fs.KeyIsKept(), "fs keeps no key after unlock");
        open.Seek(0, SeekOrigin.End);
        open.Write(Content(2, 5_000));
        open.Flush(flushToDisk: true);
        Assert.Equal([.. Content(1, 100_000), .. Content(2, 5_000)], File.ReadAllBytes(path));
        File.WriteAllText(later, "it is later");
        Assert.Equal($"ready\n{mount.Claw.Memory}\nit is later", shell.Wait(s_limit).Must().Out.TrimEnd());
        Assert.True(tail.WaitFor("memory/later", s_limit), tail.Printed);
        Assert.DoesNotContain("truncated", tail.Printed, StringComparison.Ordinal);
        tail.Kill();
        tail.Wait(s_limit);
        open.Dispose();
        mount.Claw.Down();
        mount.Claw.Claw("fsck", mount.Claw.Store, "--passphrase-file", mount.Passphrase).Must();
    }

    [Fact]
    public void A_program_whose_writes_meet_the_locked_store_hears_of_it_and_nothing_waits_for_the_key()
    {
        Need.Program("python3");
        using PassphraseMount mount = new();
        string path = Path.Combine(mount.Claw.Memory, "f");
        File.WriteAllText(path, "synced\n");
        Programs.Shell(mount.Claw.Memory, "sync f");
        using RunningProgram writer = Programs.Start(new ProgramOptions { Folder = mount.Claw.Memory }, "python3", "-c", """
            import os, sys, time
            f = os.open("f", os.O_WRONLY | os.O_APPEND)
            print("ready", flush=True)
            synced = 0
            while True:
                try:
                    os.write(f, b"line\n"); os.fsync(f); synced += 1
                except OSError as e:
                    print("failed", e.errno, flush=True); break
            while True:
                try:
                    os.write(f, b"last\n"); os.fsync(f); break
                except OSError as e:
                    time.sleep(0.05)
            os.close(f); print("done", synced)
            """);
        Assert.True(writer.WaitFor("ready", s_limit), writer.Printed);
        mount.Fs.DropKey();
        mount.Fs.Kill();
        mount.Fs.WaitForState("locked");
        Assert.True(writer.WaitFor("failed", s_limit), writer.Printed);
        Assert.Equal(0, mount.Waiting());
        mount.Unlock().Must();
        int synced = int.Parse(writer.Wait(s_limit).Must().Out.TrimEnd().Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
        string text = File.ReadAllText(path);
        Assert.StartsWith("synced\n" + string.Concat(Enumerable.Repeat("line\n", synced)), text, StringComparison.Ordinal);
        // What fsync refused is zeros where the kernel has dropped the page since; as long as it has the page, it writes that again with the last line.
        Assert.EndsWith("last\n", text, StringComparison.Ordinal);
        mount.Claw.Down();
        mount.Claw.Claw("fsck", mount.Claw.Store, "--passphrase-file", mount.Passphrase).Must();
    }

    /// <summary>Both folders are some program's own, so that the kernel keeps their names whatever is dropped above them.</summary>
    [Fact]
    public void Without_a_key_no_listing_is_given_by_a_path_not_even_to_a_program_that_works_in_the_folder_above()
    {
        Need.Program("python3");
        using PassphraseMount mount = new();
        using TestFolder steps = new();
        Programs.Shell(mount.Claw.Memory, "mkdir -p above/below; touch above/x above/below/secret");
        using RunningProgram above = StartLister(steps, Path.Combine(mount.Claw.Memory, "above"), "'below'");
        using RunningProgram below = StartLister(steps, Path.Combine(mount.Claw.Memory, "above/below"), "'.'");
        Assert.True(above.WaitFor("begun: ['secret']", s_limit) && below.WaitFor("begun: ['secret']", s_limit), above.Printed);

        mount.Fs.DropKey();
        mount.Fs.Kill();
        mount.Fs.WaitForState("locked");
        Step(steps, "locked");
        Assert.True(above.WaitFor("locked: refused 126", s_limit), above.Printed);
        AssertLocked($"ls {mount.Claw.Memory}/above/below");
        AssertLocked($"ls {mount.Claw.Memory}");

        mount.Unlock().Must();
        Step(steps, "open");
        Assert.True(above.WaitFor("open: ['secret']", s_limit), above.Printed);
        Assert.True(below.WaitFor("open: ['secret']", s_limit), below.Printed);
    }

    [Fact]
    public void After_claw_lock_not_even_a_program_that_works_in_a_folder_can_list_it()
    {
        Need.Program("python3");
        using ClawMount claw = new ClawMount().Up();
        using TestFolder steps = new();
        Programs.Shell(claw.Memory, "mkdir -p above/below; touch above/below/secret");
        using RunningProgram program = StartLister(steps, Path.Combine(claw.Memory, "above"), "'.', 'below', os.open('below', os.O_RDONLY)");
        Assert.True(program.WaitFor("begun: ['below'] ['secret'] ['secret']", s_limit), program.Printed);
        claw.Claw("lock", claw.Mount).Must();
        Step(steps, "locked");
        Assert.True(program.WaitFor("locked: refused 126 refused 126 refused 126", s_limit), program.Printed);
        claw.Claw("unlock", claw.Mount).Must();
        Step(steps, "open");
        Assert.True(program.WaitFor("open: ['below'] ['secret'] ['secret']", s_limit), program.Printed);
    }

    [Fact]
    public void A_locked_mount_can_be_taken_down_and_nothing_that_was_answered_is_lost()
    {
        Need.Program("python3");
        using PassphraseMount mount = new();
        for (int i = 0; i < 200; i++)
        {
            File.WriteAllText(Path.Combine(mount.Claw.Memory, $"f{i}"), $"{i}");
        }
        mount.Fs.DropKey();
        mount.Fs.Kill();
        mount.Fs.WaitForState("locked");
        mount.Claw.Down();
        mount.Up();
        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal($"{i}", File.ReadAllText(Path.Combine(mount.Claw.Memory, $"f{i}"))));
    }

    [Fact]
    public void A_locked_mount_stays_locked_when_fs_is_killed_although_the_key_file_is_there()
    {
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        File.WriteAllText(Path.Combine(claw.Memory, "f"), "x");
        claw.Claw("lock", claw.Mount).Must();
        fs.WaitForState("locked");
        fs.Kill();
        fs.WaitForRestarts();
        fs.WaitForState("locked");
        AssertLocked($"cat {claw.Memory}/f");
        claw.Claw("unlock", claw.Mount).Must();
        Assert.Equal("x", File.ReadAllText(Path.Combine(claw.Memory, "f")));
        fs.WaitForState("running");
    }

    /// <summary>
    /// A program that lists folders, given as Python, when it begins and again at each step. It begins twice: after the second listing the kernel has the folder's
    /// names and all its attributes.
    /// </summary>
    private static RunningProgram StartLister(TestFolder steps, string works, string folders) =>
        Programs.Start(new ProgramOptions { Folder = works }, "python3", "-c", $$"""
            import os
            def told(where):
                try: return str(os.listdir(where))
                except OSError as e: return f"refused {e.errno}"
            folders = [{{folders}}]
            for step in "first", "begun", "locked", "open":
                while step in ("locked", "open") and not os.path.exists("{{steps.Path}}/" + step): pass
                print(step + ":", *map(told, folders), flush=True)
            """);

    private static void Step(TestFolder steps, string step) => File.WriteAllText(steps[step], "");

    private static void AssertLocked(string command) =>
        Assert.Contains("Required key not available", Programs.TryShell("/", command).Err, StringComparison.Ordinal);
}
