using System.CommandLine;
using System.Diagnostics;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Policies;
using ClawOS.Cli.Sandboxes;
using ClawOS.Cli.Terminal;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Learning;

namespace ClawOS.Cli.Verbs;

/// <summary>claw policy learn: the smallest policy under which a command succeeds, from watching it.</summary>
internal static class LearnVerb
{
    internal static Verb Build()
    {
        Verb verb = new(
            "learn",
            "Run a command and watch what it does; propose the smallest policy that lets it do just that. It can reach every file of the machine meanwhile, or what --policy gives, and no network: what it tries to connect to is only noted. Its output goes to standard error when the policy goes to standard output.",
            "claw policy learn --output ls.toml -- ls -l",
            "claw policy learn --syscalls --replay --output build.toml -- make",
            "claw policy learn --policy coder --replay --output build.toml -- make",
            "claw policy learn --recording make.json --output build.toml -- make test");
        Option<string?> within = new("--policy") { Description = $"a base that holds while learning and that the proposal stays within: {NamedPolicy.Help}", HelpName = "BASE" };
        Option<string?> output = new("--output") { Description = "where the policy goes, and beside it the profile of system calls in the OCI format, FILE.seccomp.json (default: the policy to standard output)", HelpName = "FILE" };
        Option<bool> calls = new("--syscalls") { Description = "also write the system calls that are left into the policy ([syscalls] only)" };
        Option<string?> kept = new("--recording") { Description = "a file that keeps what was seen: several runs come together in it", HelpName = "FILE" };
        Option<bool> replay = new("--replay") { Description = "run the command again under the proposal; exit code 1 when it ends otherwise than before" };
        Option<string> workspace = new("--workspace") { Description = "the folder that $WORKSPACE stands for, and where the command starts", DefaultValueFactory = _ => ".", HelpName = "FOLDER" };
        Option<string[]> variables = new("--env") { Description = "a variable of the environment, as for claw run", HelpName = "NAME[=VALUE]", AllowMultipleArgumentsPerToken = false };
        Argument<string[]> command = new("COMMAND") { Description = "the command and its arguments, behind --", Arity = ArgumentArity.OneOrMore };
        foreach (Option option in (Option[])[within, output, calls, kept, replay, workspace, variables])
        {
            verb.Add(option);
        }

        verb.Add(command);
        verb.SetAction(parsed =>
        {
            string folder = RealPath.Of(parsed.GetValue(workspace)!);
            if (!Directory.Exists(folder))
            {
                throw new CliException(ExitCodes.NotFound, $"{parsed.GetValue(workspace)}: no such folder");
            }

            string? file = parsed.GetValue(output);
            SandboxRequest request = new() { Command = parsed.GetValue(command)!, Folder = folder, Environment = CommandEnvironment.Of(parsed.GetValue(variables) ?? [], folder), IsInteractive = !Console.IsInputRedirected };
            EffectivePolicy? ceiling = parsed.GetValue(within) is { } named ? NamedPolicy.Find(named).Compile(new CompileOptions { Workspace = folder }) : null;
            return OrRefused(() => Learn(new PolicyLearning(folder, ceiling), request, file, parsed.GetValue(calls), parsed.GetValue(kept), parsed.GetValue(replay)));
        });
        return verb;
    }

    private static int Learn(PolicyLearning learning, SandboxRequest request, string? file, bool calls, string? kept, bool replay)
    {
        string launcher = LauncherProgram.Find();
        SandboxStreams own = SandboxStreams.Own();
        SandboxStreams streams = file is null ? own with { Output = own.Error! } : own;
        if (kept is not null && File.Exists(kept))
        {
            Merge(learning, kept);
        }

        Stopwatch time = Stopwatch.StartNew();
        SandboxResult watched = learning.Watch([launcher], request, streams);
        time.Stop();
        if (watched.Reason == SandboxEnd.Refused)
        {
            throw new CliException(ExitCodes.NotStarted, $"policy learn: {RefusalText.Of(learning.Watched!, watched)}");
        }

        if (kept is not null)
        {
            File.WriteAllText(kept, learning.Save());
        }

        LearnedPolicy learned = learning.Propose(file is null ? "learned" : Path.GetFileNameWithoutExtension(file), calls);
        Write(learned, file);
        Out.Warn($"policy learn: {request.Command[0]} ended with {watched.ShellCode}; {learning.Supervised} calls watched in {time.ElapsedMilliseconds} ms; the smallest profile allows {learned.AllowedCalls}");
        return replay ? Replay(launcher, request, streams, learned, watched) : ExitCodes.Ok;
    }

    private static int Replay(string launcher, SandboxRequest request, SandboxStreams streams, LearnedPolicy learned, SandboxResult watched)
    {
        SandboxResult again = PolicyLearning.Replay([launcher], request, streams, learned);
        if ((again.Reason, again.ShellCode) == (watched.Reason, watched.ShellCode))
        {
            Out.Warn($"policy learn: under the proposal it ends with {again.ShellCode}, too");
            return ExitCodes.Ok;
        }

        Out.Warn($"policy learn: under the proposal it ends with {again.ShellCode}{(again.Reason == SandboxEnd.Refused ? $" (step {again.Step}: {again.Error})" : "")}, not {watched.ShellCode}; record further runs with --recording");
        return ExitCodes.Failed;
    }

    private static void Write(LearnedPolicy learned, string? file)
    {
        if (file is null)
        {
            Console.Out.Write(learned.Text);
            return;
        }

        File.WriteAllText(file, learned.Text);
        File.WriteAllText(Path.ChangeExtension(file, ".seccomp.json"), learned.ProfileText);
    }

    private static void Merge(PolicyLearning learning, string kept)
    {
        try
        {
            learning.Merge(File.ReadAllText(kept));
        }
        catch (FormatException error)
        {
            throw new CliException(ExitCodes.Usage, $"{kept}: {error.Message}");
        }
    }

    private static int OrRefused(Func<int> learn)
    {
        try
        {
            return learn();
        }
        catch (SandboxRefusedException error)
        {
            throw new CliException(ExitCodes.NotStarted, $"policy learn: {error.Message}");
        }
    }
}
