using System.CommandLine;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Install;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Sandboxes;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw install: a systemd unit that mounts a store at boot or login, with the limits of the table of services.</summary>
internal static class InstallVerb
{
    private const string ScriptVariable = "CLAW_SCRIPT";

    internal static Command Build()
    {
        Verb verb = new(
            "install",
            "Write a systemd unit that mounts a store: of the machine as root, else of the user. Starts nothing unless told to.",
            "claw install --print",
            "sudo claw install /claw --enable",
            "claw install ~/claw --user --dry-run",
            "claw install --uninstall");
        Argument<string?> directory = new("DIR") { Description = "where to mount; /claw for root, ~/claw for others", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> store = new("--store") { Description = "the store folder (default: in the state folder)", HelpName = "FOLDER" };
        Option<string?> owner = new("--owner") { Description = "whose files they are, as root", HelpName = "USER" };
        Option<string> name = new("--name") { Description = "the unit's name without .service", HelpName = "NAME", DefaultValueFactory = _ => "claw" };
        Option<bool> user = new("--user") { Description = "a unit of the user's own systemd; without root always" };
        Option<bool> print = new("--print") { Description = "print the unit and write nothing" };
        Option<bool> dryRun = new("--dry-run") { Description = "say what would be done and do nothing" };
        Option<bool> enable = new("--enable") { Description = "have systemd start it now and from now on" };
        Option<bool> uninstall = new("--uninstall") { Description = "stop it and remove the unit; stores and keys stay" };
        foreach (Option option in (Option[])[store, owner, name, user, print, dryRun, enable, uninstall])
        {
            verb.Add(option);
        }

        verb.Add(directory);
        verb.SetAction(parsed =>
        {
            bool isForUser = parsed.GetValue(user) || ProcessIdentity.Uid != 0;
            UnitFile file = new(parsed.GetValue(name)!, isForUser);
            if (parsed.GetValue(uninstall))
            {
                return Uninstall(file, parsed.GetValue(dryRun));
            }

            SystemdUnit unit = new(
                RealPath.Of(parsed.GetValue(directory) ?? MountOptions.DefaultMount),
                RealPath.Of(parsed.GetValue(store) ?? StateFolder.DefaultStore),
                Program())
            { IsForUser = isForUser, Owner = parsed.GetValue(owner), Environment = Variables() };
            if (parsed.GetValue(print))
            {
                Out.Line(unit.Text().TrimEnd());
                return ExitCodes.Ok;
            }

            return Install(file, unit, parsed.GetValue(dryRun), parsed.GetValue(enable));
        });
        return verb;
    }

    private static int Install(UnitFile file, SystemdUnit unit, bool dryRun, bool enable)
    {
        if (!StoreCreator.Exists(unit.Store))
        {
            Out.Warn($"{unit.Store}: holds no store yet; claw init makes one, and the unit fails until then");
        }

        if (dryRun)
        {
            Out.Line($"would write {file.Location}");
        }
        else
        {
            bool isChange = file.Write(unit.Text());
            Out.Line($"wrote {file.Location}");
            if (isChange)
            {
                _ = Do(file.ChangeCommands, isMeant: false, "where it runs, it stays what it was until");
            }
        }

        return Do(file.EnableCommands, enable && !dryRun, enable ? "would run" : "to start it now and from now on:");
    }

    private static int Uninstall(UnitFile file, bool dryRun)
    {
        if (!File.Exists(file.Location))
        {
            throw new CliException(ExitCodes.NotFound, $"{file.Location}: there is no such unit");
        }

        if (dryRun)
        {
            Out.Line($"would remove {file.Location}");
            return Do(file.DisableCommands, isMeant: false, "would run");
        }

        if (Directory.Exists("/run/systemd/system"))
        {
            foreach (string[] command in file.DisableCommands)
            {
                UnitFile.Run(command);
            }
        }

        _ = file.Remove();
        Out.Line($"removed {file.Location}");
        if (Directory.Exists("/run/systemd/system"))
        {
            foreach (string[] command in file.ForgetCommands)
            {
                UnitFile.Run(command);
            }
        }

        return ExitCodes.Ok;
    }

    private static int Do(IReadOnlyList<string[]> commands, bool isMeant, string otherwise)
    {
        foreach (string[] command in commands)
        {
            if (isMeant)
            {
                UnitFile.Run(command);
            }
            else
            {
                Out.Line($"{otherwise} {string.Join(' ', command)}");
            }
        }

        return ExitCodes.Ok;
    }

    /// <summary>The script where it was used: it stays when a build brings another program.</summary>
    private static IReadOnlyList<string> Program() => Script is { } script ? [script] : [.. SelfProgram.Command("").SkipLast(1)];

    private static string? Script => Environment.GetEnvironmentVariable(ScriptVariable) is { Length: > 0 } script && File.Exists(script) ? Path.GetFullPath(script) : null;

    private static Dictionary<string, string> Variables()
    {
        Dictionary<string, string> variables = [];
        foreach (string name in (ReadOnlySpan<string>)["CLAW_STATE", "DOTNET_ROOT", "XDG_STATE_HOME"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                variables[name] = value;
            }
        }

        if (Script is null)
        {
            LauncherProgram.PassOn(variables);
        }

        return variables;
    }
}
