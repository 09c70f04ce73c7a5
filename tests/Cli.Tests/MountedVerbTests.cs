using System.Text.Json.Nodes;
using ClawOS.Cli;
using ClawOS.Mounting;

namespace Cli.Tests;

/// <summary>Verbs on a real mount.</summary>
public sealed class MountedVerbTests
{
    [Fact]
    public void The_first_up_tells_key_file_and_recovery_code_and_the_second_says_it_is_up()
    {
        using ClawMount mount = new();
        string first = mount.TryUp().Must().Out;
        string keyFile = Directory.GetFiles(Path.Combine(mount.State, "keys")).Single();
        Assert.Contains(keyFile, first, StringComparison.Ordinal);
        Assert.Contains("the data is gone", first, StringComparison.Ordinal);
        Assert.Matches("Recovery code[^\n]*: [0-9A-Z]{5}(-[0-9A-Z]{5})+", first);
        Assert.Equal(3, first.Split("Try:")[1].Split("\n  ").Length - 1);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(keyFile));

        ProgramResult again = mount.TryUp().Must();
        Assert.Contains("mounted already", again.Out, StringComparison.Ordinal);
        mount.Down();
        Assert.DoesNotContain("Recovery code", mount.TryUp().Must().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_commands_that_mount_at_one_place_at_once_one_does_and_the_others_find_it_mounted()
    {
        using ClawMount mount = new();
        ProgramResult[] results = new ProgramResult[4];
        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = results.Length }, i => results[i] = mount.TryUp());
        Assert.All(results, result => result.Must());
        Assert.Single(results, result => result.Out.Contains("is ready", StringComparison.Ordinal));
        Assert.Equal(3, results.Count(result => result.Out.Contains("mounted already", StringComparison.Ordinal)));
        JsonNode status = JsonNode.Parse(mount.Claw("status", "--json").Must().Out)!;
        Assert.Equal("running", status["state"]!.GetValue<string>());
        mount.Down();
    }

    [Fact]
    public void Up_for_an_owner_that_does_not_exist_makes_nothing()
    {
        using ClawMount mount = new() { UpArguments = ["--owner", "no-such-user"] };
        ProgramResult refused = mount.TryUp();
        Assert.Equal(ExitCodes.NotFound, refused.ExitCode);
        Assert.Contains("no-such-user", refused.Err, StringComparison.Ordinal);
        Assert.False(Directory.Exists(mount.Store));
    }

    [Fact]
    public void Status_has_every_service_with_its_pid_and_hardening()
    {
        using ClawMount mount = new ClawMount().Up();
        JsonNode status = JsonNode.Parse(mount.Claw("status", "--json").Must().Out)!;
        JsonObject[] services = [.. status["services"]!.AsArray().Select(service => service!.AsObject())];
        Assert.Equal(["supervisor", "fs", "notify", "guard"], services.Select(service => service["name"]!.GetValue<string>()));
        Assert.All(services, service => Assert.Equal("running", service["state"]!.GetValue<string>()));
        Assert.All(services, service => Assert.True(Directory.Exists($"/proc/{service["pid"]!.GetValue<int>()}")));
        Assert.All(services, service => Assert.False(service["coreDumps"]!.GetValue<bool>()));
        Assert.Equal(mount.Mount, status["mount"]!.GetValue<string>());
        Assert.Equal(mount.Store, status["store"]!.GetValue<string>());
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Equal([0u, 60911u, 60912u, 0u], services.Select(service => service["uid"]!.GetValue<uint>()));
            Assert.All(services[1..3], service => Assert.Equal("0000000000000000", service["capabilities"]!.GetValue<string>()));
        }
    }

    [Fact]
    public void Down_without_a_folder_takes_the_only_mount_and_refuses_to_choose_between_two()
    {
        using ClawMount mount = new ClawMount().Up();
        string second = Path.Combine(mount.Base, "second");
        mount.Claw("up", second, "--store", Path.Combine(mount.Base, "store2")).Must();
        ProgramResult refused = mount.Claw("down");
        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains(mount.Mount, refused.Err, StringComparison.Ordinal);
        Assert.Contains(second, refused.Err, StringComparison.Ordinal);
        mount.Claw("down", second).Must();
        mount.Claw("down").Must();
        Assert.Equal(ExitCodes.NotFound, mount.Claw("down").ExitCode);
    }

    [Fact]
    public void A_wrong_key_is_one_line_and_mounts_nothing()
    {
        using ClawMount mount = new ClawMount().Up();
        mount.Down();
        string other = Path.Combine(mount.Base, "other.key");
        mount.Claw("key", "add", "--store", mount.Store, "--new-key-file", other, "--label", "usb").Must();
        mount.Claw("key", "remove", "3", "--store", mount.Store).Must();
        ProgramResult refused = mount.Claw("up", mount.Mount, "--store", mount.Store, "--key-file", other);
        Assert.Equal(ExitCodes.WrongKey, refused.ExitCode);
        Assert.Single(refused.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("wrong key", refused.Err, StringComparison.Ordinal);
        Assert.False(mount.IsMounted);
    }

    [Fact]
    public void A_second_opener_is_told_who_has_the_store()
    {
        using ClawMount mount = new ClawMount().Up();
        ProgramResult refused = mount.Claw("up", Path.Combine(mount.Base, "second"), "--store", mount.Store);
        Assert.Equal(ExitCodes.InUse, refused.ExitCode);
        Assert.Matches(@"in use by .*pid \d+", refused.Err);
    }

    [Fact]
    public void After_everything_was_killed_status_tells_and_down_and_up_work()
    {
        using ClawMount mount = new ClawMount().Up();
        File.WriteAllText(Path.Combine(mount.Memory, "kept"), "kept");
        Programs.Shell(mount.Memory, "sync -f kept");
        Assert.True(mount.KillEverything() >= 3);
        ProgramResult status = mount.Claw("status", "--json");
        Assert.Equal(ExitCodes.Failed, status.ExitCode);
        Assert.Equal("failed", JsonNode.Parse(status.Out)!["state"]!.GetValue<string>());
        mount.Down();
        mount.Up();
        Assert.Equal("kept", File.ReadAllText(Path.Combine(mount.Memory, "kept")));
        mount.KillEverything();
        mount.Up();
        Assert.Equal("kept", File.ReadAllText(Path.Combine(mount.Memory, "kept")));
    }

    [Fact]
    public void A_busy_mount_stays_and_the_user_is_named()
    {
        using ClawMount mount = new ClawMount().Up();
        using (Programs.Start(new ProgramOptions { Folder = mount.Memory }, "sleep", "60"))
        {
            ProgramResult refused = mount.Claw("down", mount.Mount);
            Assert.Equal(ExitCodes.Failed, refused.ExitCode);
            Assert.Contains("sleep (pid", refused.Err, StringComparison.Ordinal);
            Assert.True(mount.IsMounted);
            mount.Claw("down", mount.Mount, "--force").Must();
            Assert.False(mount.IsMounted);
        }
    }

    /// <summary>Nothing of this verb may wait for a foreign mount, whatever other programs have open there.</summary>
    [Fact]
    public void The_user_of_a_busy_mount_is_named_while_others_use_a_mount_that_nobody_serves()
    {
        using ClawMount mount = new ClawMount().Up();
        using ClawMount dead = new ClawMount().Up();
        using RunningProgram holder = Programs.Start(new ProgramOptions(), "bash", "-c", $"exec 7<'{dead.Mount}/events'; echo ready; exec sleep 60");
        Assert.True(holder.WaitFor("ready", TimeSpan.FromSeconds(30)), holder.Printed);
        string fs = JsonNode.Parse(dead.Claw("status", "--json").Must().Out)!["services"]!.AsArray().Single(service => service!["name"]!.GetValue<string>() == "fs")!["pid"]!.ToString();
        Programs.Shell("/", $"kill -STOP {fs}");
        using (Programs.Start(new ProgramOptions { Folder = mount.Memory }, "sleep", "60"))
        {
            ProgramResult refused = mount.Claw(TimeSpan.FromSeconds(60), "down", mount.Mount);
            Assert.Contains("sleep (pid", refused.Err, StringComparison.Ordinal);
        }
        Programs.Shell("/", $"kill -CONT {fs}");
    }

    [Fact]
    public void Mount_stays_in_the_foreground_and_ends_with_its_process()
    {
        using ClawMount mount = new ClawMount().Up();
        File.WriteAllText(Path.Combine(mount.Memory, "a"), "a");
        mount.Down();
        using (RunningProgram running = mount.Start("mount", mount.Mount, "--store", mount.Store, "--read-only"))
        {
            Assert.True(SpinWait.SpinUntil(() => mount.IsMounted && File.Exists(Path.Combine(mount.Memory, "a")), TimeSpan.FromSeconds(30)));
            Assert.ThrowsAny<IOException>(() => File.WriteAllText(Path.Combine(mount.Memory, "b"), "b"));
            using var foreground = System.Diagnostics.Process.GetProcessById(running.Id);
            foreground.Kill(); // Only itself: the supervisor must notice.
            Assert.True(SpinWait.SpinUntil(() => !mount.IsMounted, TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public void A_copy_of_a_store_that_lies_on_a_read_only_disk_can_be_looked_into()
    {
        Need.Root();
        using ClawMount mount = new ClawMount().Up();
        File.WriteAllText(Path.Combine(mount.Memory, "a"), "kept");
        mount.Down();
        string backup = Path.Combine(mount.Base, "backup");
        Programs.Shell(mount.Base, $"cp -a '{mount.Store}' copied; mkdir backup; mount --bind copied backup; mount -o remount,bind,ro backup");
        try
        {
            using RunningProgram running = mount.Start("mount", mount.Mount, "--store", backup, "--read-only");
            Assert.True(SpinWait.SpinUntil(() => mount.IsMounted && File.Exists(Path.Combine(mount.Memory, "a")), TimeSpan.FromSeconds(30)), running.Printed);
            Assert.Equal("kept", File.ReadAllText(Path.Combine(mount.Memory, "a")));
            ProgramResult refused = mount.Claw("fsck", backup);
            Assert.Equal(ExitCodes.Failed, refused.ExitCode);
            Assert.Contains("read-only", refused.Err, StringComparison.Ordinal);
            Assert.Contains("claw down", refused.Err, StringComparison.Ordinal);
            mount.Down();
            mount.Claw("fsck", backup).Must();
        }
        finally
        {
            Programs.TryShell(mount.Base, "umount -l backup");
        }
    }

    [Fact]
    public void A_killed_fs_comes_back_by_itself_with_what_was_answered()
    {
        using ClawMount mount = new ClawMount().Up();
        File.WriteAllText(Path.Combine(mount.Memory, "kept"), "kept");
        Programs.Shell(mount.Memory, "sync kept");
        int before = FsPid(mount);
        Programs.Shell("/", $"kill -9 {before}");
        Assert.True(SpinWait.SpinUntil(() => FsPid(mount) is var now && now != 0 && now != before, TimeSpan.FromSeconds(30)));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(mount.Memory, "kept")), TimeSpan.FromSeconds(30)));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(mount.Memory, "kept")));
    }

    [Fact]
    public void Status_and_doctor_show_a_locked_mount_as_locked()
    {
        using ClawMount mount = new ClawMount().Up();
        mount.Claw("lock", mount.Mount).Must();
        Assert.True(SpinWait.SpinUntil(() => mount.Claw("status", "--json").Out.Contains("\"locked\"", StringComparison.Ordinal), TimeSpan.FromSeconds(30)));
        ProgramResult status = mount.Claw("status", "--json");
        JsonNode shown = JsonNode.Parse(status.Out)!;
        Assert.Equal(ExitCodes.Failed, status.ExitCode);
        Assert.Equal("locked", shown["state"]!.GetValue<string>());
        Assert.Equal("locked", shown["services"]!.AsArray().Single(service => service!["name"]!.GetValue<string>() == "fs")!["state"]!.GetValue<string>());
        Assert.Contains("is locked: stored files answer ENOKEY", mount.Claw("doctor").Out, StringComparison.Ordinal);
        Assert.Contains("is mounted already", mount.TryUp().Must().Out, StringComparison.Ordinal);
        mount.Claw("unlock", mount.Mount).Must();
        Assert.True(SpinWait.SpinUntil(() => mount.Claw("status").ExitCode == ExitCodes.Ok, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Doctor_has_nothing_to_report_of_services_that_run_as_they_should()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
        using ClawMount mount = new ClawMount().Up();
        string[] lines = [.. mount.Claw("doctor").Out.Split('\n').Where(line => line.StartsWith(mount.Mount, StringComparison.Ordinal))];
        Assert.Contains(lines, line => line.Contains(" guard ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("report this", StringComparison.Ordinal));
    }

    [Fact]
    public void A_store_in_the_state_folder_is_locked_and_unlocked()
    {
        using ClawMount mount = new(store: null);
        mount.Claw("up", mount.Mount).Must();
        string note = Path.Combine(mount.Memory, "note");
        File.WriteAllText(note, "kept");
        Assert.True(Directory.Exists(Path.Combine(mount.State, "store")));
        mount.Claw("lock", mount.Mount).Must();
        mount.Claw("unlock", mount.Mount).Must();
        Assert.Equal("kept", File.ReadAllText(note));
        foreach (string folder in (string[])["keys", "anchors", "store"])
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(mount.State, folder)) & (UnixFileMode.GroupRead | UnixFileMode.OtherExecute | UnixFileMode.OtherRead));
        }
    }

    [Fact]
    public void Doctor_says_whether_the_kernel_keeps_keys()
    {
        using ClawMount mount = new();
        JsonNode finding = JsonNode.Parse(mount.Claw("doctor", "--json").Out)!.AsArray().Single(one => one!["name"]!.GetValue<string>() == "kernel keys")!;
        bool kept = finding["verdict"]!.GetValue<string>() == "ok";
        mount.Up();
        string arguments = File.ReadAllText($"/proc/{FsPid(mount)}/cmdline");
        Assert.Equal(kept, arguments.Contains("--kernel-keys", StringComparison.Ordinal));
    }

    [Fact]
    public void Locking_wakes_those_who_watch_health()
    {
        Need.Program("inotifywait");
        using ClawMount mount = new ClawMount().Up();
        using RunningProgram watch = Programs.Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%e", "-e", "modify", Path.Combine(mount.Mount, "sys/health"));
        Assert.True(watch.WaitFor("Watches established", TimeSpan.FromSeconds(30)), watch.Printed);
        mount.Claw("lock", mount.Mount).Must();
        Assert.True(watch.WaitFor("MODIFY", TimeSpan.FromSeconds(30)), watch.Printed);
        Assert.StartsWith("degraded\nlocked", File.ReadAllText(Path.Combine(mount.Mount, "sys/health")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_something_in_it_is_not_mounted_over()
    {
        using ClawMount mount = new();
        File.WriteAllText(Path.Combine(mount.Mount, "precious"), "");
        ProgramResult refused = mount.TryUp();
        Assert.Equal(ExitCodes.Failed, refused.ExitCode);
        Assert.Contains("not empty", refused.Err, StringComparison.Ordinal);
        Assert.False(Directory.Exists(mount.Store));
    }

    private static int FsPid(ClawMount mount) =>
        JsonNode.Parse(mount.Claw("status", "--json").Out)!["services"]!.AsArray()
            .Where(service => service!["name"]!.GetValue<string>() == "fs" && service["state"]!.GetValue<string>() == "running")
            .Select(service => service!["pid"]!.GetValue<int>())
            .FirstOrDefault();
}
