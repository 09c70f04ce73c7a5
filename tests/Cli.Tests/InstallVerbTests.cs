using ClawOS.Cli;
using ClawOS.Cli.Install;
using ClawOS.Mounting;
using ClawOS.Security.Sandbox.Services;

namespace Cli.Tests;

public sealed class InstallVerbTests : IDisposable
{
    private readonly TestFolder folder = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Systemd_takes_the_unit(bool isForUser)
    {
        Need.Program("systemd-analyze");
        string file = folder["claw.service"];
        File.WriteAllText(file, Unit(isForUser).Text());
        ProgramResult result = Programs.Run(Options(), "systemd-analyze", [.. isForUser ? (string[])["--user"] : [], "verify", "--man=no", file]);
        string[] said = [.. $"{result.Out}{result.Err}".Split('\n').Where(line => line.Contains("claw.service", StringComparison.Ordinal))];
        Assert.True(said.Length == 0, string.Join('\n', said));

        // A unit that is wrong is told: the check above can fail.
        File.WriteAllText(file, Unit(isForUser).Text().Replace("Type=exec", "Type=dance", StringComparison.Ordinal));
        result = Programs.Run(Options(), "systemd-analyze", [.. isForUser ? (string[])["--user"] : [], "verify", "--man=no", file]);
        Assert.Contains("dance", result.Out + result.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void The_unit_of_the_machine_has_the_limits_of_the_table()
    {
        string text = Unit(isForUser: false).Text();
        string[] named = [.. text.Split('\n').Single(line => line.StartsWith("CapabilityBoundingSet=", StringComparison.Ordinal))["CapabilityBoundingSet=".Length..].Split(' ')];
        IEnumerable<Capability> needed = ServiceTable.Rows.SelectMany(row => row.Capabilities).Distinct();
        Assert.Equal(needed.Select(capability => capability.KernelName()).Order(), named.Order());
        Assert.DoesNotContain(named, name => name.StartsWith("CAP_NET", StringComparison.Ordinal));
    }

    [Fact]
    public void Odd_names_of_folders_stay_one_word()
    {
        SystemdUnit unit = new("/mnt/a \"b\" %h $x", "/store\\", ["/usr/bin/claw"]);
        Assert.Contains("""ExecStart=/usr/bin/claw mount "/mnt/a \"b\" %%h $$x" --store "/store\\" """.TrimEnd(), unit.Text(), StringComparison.Ordinal);
    }

    /// <summary>systemd ends a line at a carriage return too, and a backslash at the end of one takes in the next.</summary>
    [Theory]
    [InlineData("/m\rExecStartPre=/bin/false")]
    [InlineData("/m\nExecStartPre=/bin/false")]
    [InlineData("/m\\")]
    [InlineData("/m\t\u0001\u007f'")]
    [InlineData("/m\" ; /bin/false \"")]
    public void No_name_of_a_folder_adds_a_setting(string hostile)
    {
        static string[] Settings(string text) => [.. text.Replace("\\\n", "", StringComparison.Ordinal).Split('\n', '\r').Select(line => line.Split('=')[0])];
        SystemdUnit plain = Unit(isForUser: false);
        SystemdUnit unit = plain with { Mount = hostile, Store = hostile, Owner = hostile, Program = ["/bin/true", hostile], Environment = new Dictionary<string, string> { ["CLAW_STATE"] = hostile } };
        Assert.Equal(Settings((plain with { Owner = "me" }).Text()), Settings(unit.Text()));
        Assert.DoesNotContain(unit.Text(), letter => char.IsControl(letter) && letter != '\n');
    }

    [Fact]
    public void A_dollar_is_doubled_but_in_the_program_s_path() =>
        Assert.Contains("ExecStart=\"/opt/a$b/claw\" mount \"/mnt/a$$b\"", (Unit(isForUser: false) with { Program = ["/opt/a$b/claw"], Mount = "/mnt/a$b" }).Text(), StringComparison.Ordinal);

    [Fact]
    public void Everybody_may_read_a_unit_and_nobody_else_write_it_whatever_the_umask()
    {
        string path = Path.Combine(folder["config"], "systemd/user/claw-test.service");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".new", "left by an interrupted write");
        foreach (string mask in (string[])["000", "077"])
        {
            Claw(["sh", "-c", $"umask {mask}; exec \"$@\"", "sh"], "install", "/mnt/x", "--user", "--name", "claw-test").Must();
            Assert.Equal("644", Convert.ToString((int)File.GetUnixFileMode(path), 8));
            Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        }
    }

    [Fact]
    public void A_change_says_how_it_reaches_a_unit_that_runs_and_no_change_says_nothing()
    {
        const string Restart = "systemctl --user restart claw-test.service";
        Assert.DoesNotContain(Restart, Claw("install", "/mnt/x", "--user", "--name", "claw-test").Must().Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Restart, Claw("install", "/mnt/x", "--user", "--name", "claw-test").Must().Out, StringComparison.Ordinal);
        Assert.Contains(Restart, Claw("install", "/mnt/y", "--user", "--name", "claw-test").Must().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Removing_leaves_no_link_that_would_start_it()
    {
        if (Directory.Exists("/run/systemd/system"))
            Assert.Skip("systemd runs here and would be told to stop a unit; the guest of Vm.Tests tries that");
        string units = Path.Combine(folder["config"], "systemd/user"), wants = Path.Combine(units, "default.target.wants");
        Claw("install", "/mnt/x", "--user", "--name", "claw-test").Must();
        Directory.CreateDirectory(wants);
        File.CreateSymbolicLink(Path.Combine(wants, "claw-test.service"), Path.Combine(units, "claw-test.service"));
        File.CreateSymbolicLink(Path.Combine(wants, "other.service"), "/usr/lib/systemd/user/other.service");
        Claw("install", "--uninstall", "--user", "--name", "claw-test").Must();
        Assert.Equal(["other.service"], Directory.GetFileSystemEntries(units, "*.service", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public void A_unit_is_written_replaced_and_removed_and_nothing_is_started()
    {
        string path = Path.Combine(folder["config"], "systemd/user/claw-test.service");
        Assert.Contains($"would write {path}", Claw("install", "/mnt/x", "--user", "--name", "claw-test", "--dry-run").Must().Out, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
        Assert.Contains("systemctl --user enable --now claw-test.service", Claw("install", "/mnt/x", "--user", "--name", "claw-test").Must().Out, StringComparison.Ordinal);
        Claw("install", "/mnt/y", "--user", "--name", "claw-test").Must();
        Assert.Contains("mount /mnt/y", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(path).TrimEnd(), Claw("install", "/mnt/y", "--user", "--print").Must().Out.TrimEnd());
        if (!Directory.Exists("/run/systemd/system"))
        {
            Claw("install", "--uninstall", "--user", "--name", "claw-test").Must();
            Assert.False(File.Exists(path));
        }
    }

    [Fact]
    public void Somebody_else_s_unit_stays()
    {
        string path = Path.Combine(folder["config"], "systemd/user/mine.service");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "[Unit]\n");
        Assert.Equal(ExitCodes.Failed, Claw("install", "--user", "--name", "mine").ExitCode);
        Assert.Equal(ExitCodes.Usage, Claw("install", "--user", "--name", "../mine").ExitCode);
        Assert.Equal(ExitCodes.NotFound, Claw("install", "--user", "--name", "none", "--uninstall").ExitCode);
        Assert.Equal("[Unit]\n", File.ReadAllText(path));
    }

    public void Dispose() => folder.Dispose();

    private SystemdUnit Unit(bool isForUser) => new(folder["mnt"], folder["store"], ["/bin/true"])
    {
        IsForUser = isForUser,
        Environment = new Dictionary<string, string> { ["CLAW_STATE"] = folder["a state"] },
    };

    /// <summary>For a user's manager systemd-analyze asks for the user's folder of things that run.</summary>
    private ProgramOptions Options() => new()
    {
        Timeout = TimeSpan.FromSeconds(60),
        Environment = new Dictionary<string, string?> { ["XDG_RUNTIME_DIR"] = folder.Path },
    };

    private ProgramResult Claw(params string[] arguments) => Claw([], arguments);

    private ProgramResult Claw(string[] before, params string[] arguments)
    {
        string[] command = [.. before, .. Repository.ClawCommand(), .. arguments];
        ProgramOptions options = new()
        {
            Timeout = TimeSpan.FromSeconds(60),
            Environment = new Dictionary<string, string?> { ["CLAW_STATE"] = folder["state"], ["XDG_CONFIG_HOME"] = folder["config"], ["CLAW_SCRIPT"] = null, ["NO_COLOR"] = "1" },
        };
        return Programs.Run(options, command[0], command[1..]);
    }
}
