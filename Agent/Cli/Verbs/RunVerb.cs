using System.CommandLine;
using System.Runtime.InteropServices;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Policies;
using ClawOS.Cli.Sandboxes;
using ClawOS.Cli.Terminal;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Guard;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Asking;

namespace ClawOS.Cli.Verbs;

/// <summary>claw run: a command that may do what a policy says and nothing else.</summary>
internal static class RunVerb
{
    private const int Interrupt = 2, BrokenPipe = 13, FileTooLarge = 25, BadCall = 31;

    internal static Command Build()
    {
        Verb verb = new(
            "run",
            "Run a command that may do what a policy says and nothing else, enforced by the kernel. What this kernel cannot enforce is said before it starts. The exit code is the command's, 128 plus its signal, 123 when the owner was asked and did not say yes, 124 after the policy's time, 125 when it could not be started.",
            "claw run --policy coder -- bash",
            "claw run --policy read-only --workspace /usr/share -- ls -l",
            "claw run --policy tool-default --audit -- make",
            "claw run --policy my.toml --env TOKEN -- python3 work.py");
        Option<string> policy = new("--policy") { Description = NamedPolicy.Help, Required = true };
        Option<string> workspace = new("--workspace") { Description = "the folder that $WORKSPACE stands for, and where the command starts", DefaultValueFactory = _ => ".", HelpName = "FOLDER" };
        Option<string[]> variables = new("--env") { Description = "a variable of the environment that the command gets beside PATH, LANG, TERM, TZ and who commits (git's user.name and user.email)", HelpName = "NAME[=VALUE]", AllowMultipleArgumentsPerToken = false };
        Option<bool> audit = new("--audit") { Description = "stop nothing by the policy, and say at the end what it would have denied" };
        Option<string?> mountPoint = new("--mount") { Description = "the mount whose policies count, whose changes reach the command while it runs, and that the policy's /claw is; the only one, unless said", HelpName = "DIR" };
        Option<bool> strict = new("--strict") { Description = "do not start when something is not enforced" };
        Option<bool> verbose = new("--verbose") { Description = "also say where the policy was found, what is narrower than it, and why" };
        Argument<string[]> command = new("COMMAND") { Description = "the command and its arguments, behind --", Arity = ArgumentArity.OneOrMore };
        verb.Add(policy);
        verb.Add(workspace);
        verb.Add(variables);
        verb.Add(audit);
        verb.Add(mountPoint);
        verb.Add(strict);
        verb.Add(verbose);
        verb.Add(command);
        verb.SetAction(parsed =>
        {
            NamedPolicy named = NamedPolicy.Find(parsed.GetValue(policy)!, parsed.GetValue(mountPoint));
            string folder = FolderOf(parsed.GetValue(workspace)!, isNamed: parsed.GetResult(workspace) is { Implicit: false });
            if (parsed.GetValue(verbose))
            {
                Out.Warn($"run: the policy is {named.Name}, {named.Origin}");
            }

            using ProfilePool? profiles = ProfilePool.TryOpen();
            EffectivePolicy compiled = named.Compile(WithWorkspace(folder, profiles is not null));
            foreach (string line in RunWarnings.Of(compiled, named.Origin))
            {
                Out.Warn($"run: {line}");
            }

            if (compiled.Hosts.Count > 0)
            {
                Out.Warn($"run: {compiled.Hosts[0].Source}: no host can be reached yet: a sandbox has no network");
            }

            bool interactive = !Console.IsInputRedirected;
            if (parsed.GetValue(audit) || IsAudited(named.Mount))
            {
                SandboxRequest watched = new() { Command = parsed.GetValue(command)!, Folder = folder, Environment = CommandEnvironment.Of(parsed.GetValue(variables) ?? [], folder), IsInteractive = interactive, Withheld = [StateFolder.Root] };
                return OrRefused(() => AuditedCommand.Run(compiled, watched)).ShellCode;
            }

            string? asksAt = OwnerQuestion.PlaceOf(named.Mount ?? parsed.GetValue(mountPoint));
            SandboxRequest bare = new() { Command = parsed.GetValue(command)!, Folder = folder, Environment = CommandEnvironment.Of(parsed.GetValue(variables) ?? [], folder) };
            using OwnerQuestion? question = OrRefused(() => SandboxPlan.ApprovalFor(compiled, bare)) is { } launch ? OwnerQuestion.Ask(asksAt, compiled, launch, bare) : null;
            HeldView? view = HeldView.For(compiled, named.Mount, parsed.GetValue(mountPoint));
            using LoadedProfile? profile = OrRefused(() => profiles?.TakeIfPossible(compiled, question?.Launch.Program, standIns: view is { HasLaunch: true }, line => Out.Warn($"run: {line}")));
            using SandboxGroup group = GroupOf(compiled);
            SandboxPlan plan = PlanOf(compiled, new SandboxRequest
            {
                Claw = view?.View,
                Withheld = [StateFolder.Root],
                StandIn = view is { HasLaunch: true } ? LauncherProgram.Find() : null,
                Group = group,
                AppArmorProfile = profile?.Name,
                Command = bare.Command,
                Approved = question?.Launch,
                AnswersCalls = asksAt is not null,
                Folder = folder,
                Environment = bare.Environment,
                IsInteractive = interactive,
            });
            string launcher = LauncherProgram.Find();
            Tell(plan, parsed.GetValue(strict), parsed.GetValue(verbose));
            view?.Open(plan.ClawGrants);
            if (compiled.UsesLaunchSocket && view is not { HasLaunch: true })
            {
                Out.Warn($"run: programs in the sandbox can have nothing launched: policy {named.Name} is none of a mount's active ones, and only of those guard knows what may be");
            }

            // The terminal's keys reach the command, too, which decides what they mean.
            using PosixSignalRegistration? interrupt = interactive ? PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore) : null;
            using PosixSignalRegistration? quit = interactive ? PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Ignore) : null;
            question?.Use(() => NamedPolicy.Find(parsed.GetValue(policy)!, parsed.GetValue(mountPoint)).Compile(WithWorkspace(folder, profiles is not null)), bare);
            using SandboxRun run = SandboxRun.Start([launcher], plan, SandboxStreams.Own(), new SandboxWatch { OomKills = () => group.OomKills });
            using AskedCalls? asked = plan.IsSupervised ? AskedCalls.Start(run, CallQuestion.For(asksAt!, named.Name)) : null;
            LiveSandbox live = new(named.Name, folder, compiled, run, group, launcher, profile);
            using RunRegistration? registration = named.Mount is { } mount ? RunRegistration.Start(mount, named.Name, run.LauncherId, live, view is { HasLaunch: true } ? (view.View.Id, folder) : null) : null;
            SandboxResult result = run.WaitForEnd();
            foreach (string path in plan.Makeable.Where(Path.Exists))
            {
                Out.Warn($"run: {path} is denied and was made while the command ran: look at it before a program outside uses it");
            }

            return Explain(plan, compiled, result, live);
        });
        return verb;
    }

    /// <summary>Whether the mode of the mount says that nothing shall be stopped.</summary>
    private static bool IsAudited(string? mount)
    {
        if (mount is null || File.ReadAllText(Path.Join(mount, "policy/mode")) != "audit\n")
        {
            return false;
        }

        Out.Warn($"run: {mount}/policy/mode is audit: the policy stops nothing");
        return true;
    }

    private static string FolderOf(string text, bool isNamed)
    {
        string folder = text.Length > 0 ? RealPath.Of(text) : throw new CliException(ExitCodes.Usage, "--workspace: names no folder");
        if (SandboxPlan.IsItsOwn(folder))
        {
            const string Own = "every sandbox has one of its own, so that this cannot be the workspace";
            if (isNamed)
            {
                throw new CliException(ExitCodes.Usage, $"{folder}: {Own}; name another folder");
            }

            Out.Warn($"run: {folder}: {Own}: nothing of it is there; --workspace names another folder");
        }

        return Directory.Exists(folder) ? folder : throw new CliException(ExitCodes.NotFound, $"{text}: no such folder");
    }

    private static CompileOptions WithWorkspace(string folder, bool appArmor)
    {
        try
        {
            return new CompileOptions { Workspace = folder, Layers = appArmor ? Layers.Stock | Layers.AppArmor : Layers.Stock };
        }
        catch (ArgumentException)
        {
            throw new CliException(ExitCodes.Usage, $"{string.Concat(folder.Select(static letter => char.IsControl(letter) ? '?' : letter))}: a workspace is an absolute path other than '/', without *, ?, backslashes and control characters");
        }
    }

    private static SandboxGroup GroupOf(EffectivePolicy policy) => OrRefused(() => SandboxGroup.Make(policy.Limits));

    private static SandboxPlan PlanOf(EffectivePolicy policy, SandboxRequest request) => OrRefused(() => SandboxPlan.From(policy, request));

    private static T OrRefused<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception error) when (error is SandboxRefusedException or AppArmorException)
        {
            throw new CliException(ExitCodes.NotStarted, error.Message);
        }
    }

    private static void Tell(SandboxPlan plan, bool strict, bool verbose)
    {
        foreach (string line in plan.Missing)
        {
            Out.Warn($"run: not enforced: {line}");
        }

        foreach (string line in verbose ? plan.Notes : [])
        {
            Out.Warn($"run: {line}");
        }

        if (strict && plan.Missing.Count > 0)
        {
            throw new CliException(ExitCodes.NotStarted, "run: not started, as --strict wants it");
        }
    }

    private static int Explain(SandboxPlan plan, EffectivePolicy compiled, SandboxResult result, LiveSandbox live)
    {
        switch (result.Reason)
        {
            case SandboxEnd.Refused:
                throw new CliException(ExitCodes.NotStarted, $"run: {RefusalText.Of(plan, result)}");
            case SandboxEnd.TimedOut:
                Out.Warn($"run: ended after {plan.WallTime}, the policy's time");
                break;
            case SandboxEnd.OutOfMemory:
                Out.Warn($"run: killed; the kernel has killed in it for want of memory{MemoryOf(compiled)}");
                break;
            case SandboxEnd.Exited when result.OomKills > 0:
                Out.Warn($"run: the kernel has killed in it for want of memory ({result.OomKills}){MemoryOf(compiled)}");
                break;
            case SandboxEnd.Signalled when result.Signal == FileTooLarge && compiled.Limits.DiskBytes is { } bytes:
                Out.Warn($"run: ended by signal {result.Signal}: a file would have become larger than {bytes} bytes, the policy's disk");
                break;
            case SandboxEnd.Signalled when result.Signal == BadCall:
                Out.Warn($"run: ended by signal {result.Signal}: a system call of another ABI, or one that the policy's profile kills for");
                break;
            case SandboxEnd.Signalled when result.Signal is not (Interrupt or BrokenPipe):
                Out.Warn($"run: ended by signal {result.Signal}");
                break;
            case SandboxEnd.Killed when live.EndedBecause is { } because:
                Out.Warn($"run: {because}");
                break;
            default:
                break;
        }

        return result.ShellCode;
    }

    private static string MemoryOf(EffectivePolicy policy) => policy.Limits.MemoryBytes is { } bytes ? $", of which the policy allows {bytes} bytes" : "";

    private static void Ignore(PosixSignalContext context) => context.Cancel = true;
}
