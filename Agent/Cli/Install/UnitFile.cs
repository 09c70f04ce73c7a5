using System.Text;
using ClawFS.Linux;

namespace ClawOS.Cli.Install;

/// <summary>A unit file where systemd looks for it. Only a file that claw has made is replaced or removed.</summary>
internal sealed class UnitFile
{
    private const int MostLetters = 64;
    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly bool isForUser;

    /// <exception cref="CliException">The name is not one for a unit.</exception>
    internal UnitFile(string name, bool isForUser)
    {
        if (name.Length is 0 or > MostLetters || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            throw new CliException(ExitCodes.Usage, $"--name {name}: letters, digits, - and _, at most {MostLetters}");
        }

        this.isForUser = isForUser;
        Unit = name + ".service";
        string configuration = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        Location = isForUser ? Path.Combine(configuration, "systemd/user", Unit) : Path.Combine("/etc/systemd/system", Unit);
    }

    /// <summary>"claw.service".</summary>
    internal string Unit { get; }

    /// <summary>Its path.</summary>
    internal string Location { get; }

    /// <summary>The command that has systemd read its units again, start this one and do so at every boot.</summary>
    internal IReadOnlyList<string[]> EnableCommands => [Systemctl("daemon-reload"), Systemctl("enable", "--now", Unit)];

    /// <summary>The commands that have a change reach a unit that runs.</summary>
    internal IReadOnlyList<string[]> ChangeCommands => [Systemctl("daemon-reload"), Systemctl("restart", Unit)];

    /// <summary>The command that has systemd forget a unit whose file is gone.</summary>
    internal IReadOnlyList<string[]> ForgetCommands => [Systemctl("daemon-reload")];

    /// <summary>The command that ends this.</summary>
    internal IReadOnlyList<string[]> DisableCommands => [Systemctl("disable", "--now", Unit)];

    /// <returns>Whether another text was there before.</returns>
    /// <exception cref="CliException">Somebody else's unit is there, or the folder cannot be written.</exception>
    internal bool Write(string text)
    {
        RequireOurs();
        bool isChange = File.Exists(Location) && File.ReadAllText(Location) != text;
        string next = Location + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Location)!);
            // What an interrupted write left; the mode is ours whatever the umask.
            File.Delete(next);
            using (FileStream stream = new(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = EverybodyReads }))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                File.SetUnixFileMode(stream.SafeFileHandle, EverybodyReads);
            }

            File.Move(next, Location, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failed, $"{Location}: cannot be written: {error.Message}");
        }

        return isChange;
    }

    /// <returns>False when there is none.</returns>
    /// <exception cref="CliException">It is somebody else's.</exception>
    internal bool Remove()
    {
        if (!File.Exists(Location))
        {
            return false;
        }

        RequireOurs();
        File.Delete(Location);
        // Where no systemd ran that would have taken it away.
        string wanted = Path.Combine(Path.GetDirectoryName(Location)!, SystemdUnit.Target(isForUser) + ".wants", Unit);
        if (new FileInfo(wanted).LinkTarget is { } target && Path.GetFullPath(target, Path.GetDirectoryName(wanted)!) == Location)
        {
            File.Delete(wanted);
        }

        return true;
    }

    /// <summary>Runs a command and waits.</summary>
    /// <exception cref="CliException">There is no systemctl, or it failed; what it said stands above.</exception>
    internal static void Run(string[] command)
    {
        const string Systemctl = "/usr/bin/systemctl";
        if (!File.Exists(Systemctl))
        {
            throw new CliException(ExitCodes.Failed, $"{Systemctl}: not there; the unit is written, {string.Join(' ', command)} is left to do");
        }

        SpawnPlan plan = new() { Program = Systemctl, Arguments = command[1..], Output = new Microsoft.Win32.SafeHandles.SafeFileHandle(2, ownsHandle: false) };
        foreach (string name in (ReadOnlySpan<string>)["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                plan.Environment[name] = value;
            }
        }

        if (ChildProcess.Start(plan).WaitForExit().Code is not 0 and int code)
        {
            throw new CliException(ExitCodes.Failed, $"{string.Join(' ', command)}: ended with code {code}");
        }
    }

    private string[] Systemctl(params string[] words) => ["systemctl", .. isForUser ? (string[])["--user"] : [], .. words];

    private void RequireOurs()
    {
        if (File.Exists(Location) && !File.ReadLines(Location).Take(1).Contains(SystemdUnit.Mark))
        {
            throw new CliException(ExitCodes.Failed, $"{Location}: is not one that claw has made; choose another --name");
        }
    }
}
