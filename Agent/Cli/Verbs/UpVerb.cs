using System.CommandLine;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw up: makes a store if there is none, mounts it, starts the services, returns when they are ready.</summary>
internal static class UpVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "up",
            "Mount a store, making it first if there is none, and return when it is ready.",
            "claw up",
            "claw up /tmp/claw --store /tmp/store",
            "sudo claw up --owner ada");
        MountOptions options = new(verb);
        Option<string?> quota = new("--quota") { Description = "for a new store: most bytes it may hold, like 20G", HelpName = "SIZE" };
        verb.Add(quota);
        verb.SetAction(async (parsed, cancel) => await RunAsync(options, quota, parsed, cancel));
        return verb;
    }

    private static async Task<int> RunAsync(MountOptions options, Option<string?> quota, ParseResult parsed, CancellationToken cancel)
    {
        MountOptions.RequireFuse();
        KnownMount mount = options.Mount(parsed);
        using IDisposable turn = await StartTurn.TakeAsync(mount, cancel);
        if (await MountStart.FindRunningAsync(options, parsed, mount) is { } running)
        {
            Out.Line($"{running.Mount} is mounted already (fs is pid {running.Services.First(service => service.Name == "fs").Pid})");
            return ExitCodes.Ok;
        }

        options.PrepareFolders(parsed, mount);
        string store = options.Store(parsed);
        SecretSource secret;
        if (StoreCreator.Exists(store))
        {
            secret = options.Credentials.Resolve(parsed, store);
        }
        else
        {
            NewStore made = StoreCreator.Create(store, options.Credentials.ResolveNew(parsed), InitVerb.ParseQuota(parsed.GetValue(quota)));
            MountStart.Tell(made, store);
            secret = made.Secret;
        }

        StatusReport status = await MountStart.StartAsync(options.ForSupervisor(parsed, mount, secret, readOnly: false, leash: false), secret, null);
        Out.Line($"{status.Mount} is ready. Try:");
        Out.Line($"  cat {status.Mount}/README");
        Out.Line($"  echo 'hello' > {status.Mount}/memory/hello.md && grep -r hello {status.Mount}/memory");
        Out.Line($"  tail -f {status.Mount}/events");
        MountStart.TellMissingParts(status);
        return ExitCodes.Ok;
    }
}
