using System.CommandLine;
using System.Text.Json.Nodes;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw status: the mounts and their services, as they are and not as they were started; also after any crash.</summary>
internal static class StatusVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "status",
            "Show the mounts, their services and the sandboxes that follow their policies. Exit code 0 when all is well, 1 when something is not, 5 when nothing is mounted.",
            "claw status",
            "claw status --json");
        Argument<string?> directory = new("DIR") { Description = "only this mount", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> json = new("--json") { Description = "print JSON: {\"services\":[{\"name\",\"pid\",\"state\",\"uid\",...}],\"mounts\":[...],\"sandboxes\":[...]}" };
        verb.Add(directory);
        verb.Add(json);
        verb.SetAction(async (parsed, _) =>
        {
            IReadOnlyList<KnownMount> mounts = parsed.GetValue(directory) is { } chosen ? [KnownMount.Choose(chosen)] : KnownMount.All();
            StatusReport[] reports = [.. (await Task.WhenAll(mounts.Select(LookAsync))).OfType<StatusReport>()];
            IReadOnlyList<string[]>[] sandboxes = await Task.WhenAll(reports.Select(RunningSandboxes.ReadAsync));
            if (parsed.GetValue(json))
            {
                CliJson.Write(ToJson(reports, sandboxes));
            }
            else
            {
                Print(reports, sandboxes, parsed.GetValue(directory));
            }

            return reports.Length == 0 ? ExitCodes.NotFound : reports.All(IsWell) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return verb;
    }

    /// <summary>Asks the supervisor; without one, says what is left of the mount. Null when there is nothing.</summary>
    internal static async Task<StatusReport?> LookAsync(KnownMount mount)
    {
        if (await mount.AskStatusAsync() is { } status)
        {
            return status;
        }

        if (mount.ReadLastState() is { } last)
        {
            return last with
            {
                State = ServiceState.Failed,
                Message = "the supervisor is dead; claw down clears up, claw up starts anew",
                Services = [.. last.Services.Select(service => ServiceProcess.IsAlive(service, mount.MountPoint)
                    ? service
                    : service with { Pid = 0, State = ServiceState.Failed })],
            };
        }

        return mount.IsMounted
            ? new StatusReport { Mount = mount.MountPoint, Store = "", State = ServiceState.Failed, Message = "a mount without a supervisor; claw down clears it away" }
            : null;
    }

    private static bool IsWell(StatusReport report) =>
        report.State == ServiceState.Running && report.Services.All(service => service.State == ServiceState.Running);

    private static JsonObject ToJson(StatusReport[] reports, IReadOnlyList<string[]>[] sandboxes)
    {
        JsonObject root = new()
        {
            ["services"] = new JsonArray([.. reports.SelectMany(report => report.Services.Select(service => (JsonNode)ToJson(service, report.Mount)))]),
            ["mounts"] = new JsonArray([.. reports.Select(report => (JsonNode)ToJson(report))]),
            ["sandboxes"] = new JsonArray([.. reports.Zip(sandboxes).SelectMany(pair => pair.Second.Skip(1).Select(row => (JsonNode)ToJson(pair.First, pair.Second[0], row)))]),
        };
        if (reports is [{ } only])
        {
            root["mount"] = only.Mount;
            root["store"] = only.Store;
            root["state"] = Name(only.State);
        }

        return root;
    }

    private static JsonObject ToJson(StatusReport report, string[] head, string[] row)
    {
        JsonObject json = new() { ["mount"] = report.Mount };
        foreach ((string name, string value) in head.Zip(row))
        {
            json[name] = value;
        }

        return json;
    }

    private static JsonObject ToJson(StatusReport report) => new()
    {
        ["mount"] = report.Mount,
        ["store"] = report.Store,
        ["state"] = Name(report.State),
        ["readOnly"] = report.ReadOnly,
        ["ownerUid"] = report.OwnerUid,
        ["message"] = report.Message,
    };

    private static JsonObject ToJson(ServiceStatus service, string mount)
    {
        ProcessFacts? facts = service.Pid > 0 ? ProcessFacts.Read(service.Pid) : null;
        JsonObject json = new()
        {
            ["name"] = service.Name,
            ["pid"] = service.Pid,
            ["state"] = Name(service.State),
            ["uid"] = facts?.Uid ?? service.Uid,
            ["restarts"] = service.Restarts,
            ["startedAt"] = service.StartedAt.ToString("O"),
            ["mount"] = mount,
            ["unhardened"] = service.Unhardened,
        };
        facts?.AddTo(json);
        return json;
    }

    private static void Print(StatusReport[] reports, IReadOnlyList<string[]>[] sandboxes, string? chosen)
    {
        if (reports.Length == 0)
        {
            Out.Line($"{(chosen is null ? "Nothing is mounted" : $"{chosen}: is not mounted")}; claw up mounts.");
        }

        foreach ((StatusReport report, IReadOnlyList<string[]> running) in reports.Zip(sandboxes))
        {
            Out.Line($"{report.Mount} from {report.Store}: {Name(report.State)}{(report.ReadOnly ? ", read-only" : "")}{(report.Message is null ? "" : $" ({report.Message})")}");
            Out.Table(["service", "pid", "state", "uid", "memory", "locked", "restarts"], report.Services.Select(Row));
            foreach (ServiceStatus service in report.Services.Where(service => service.Unhardened is not null))
            {
                Out.Line($"{service.Name} runs without its limits: {service.Unhardened}");
            }

            if (running.Count > 0)
            {
                Out.Table(["sandbox", .. running[0].Skip(1)], running.Skip(1));
            }
        }
    }

    private static string[] Row(ServiceStatus service)
    {
        ProcessFacts? facts = service.Pid > 0 ? ProcessFacts.Read(service.Pid) : null;
        return
        [
            service.Name,
            service.Pid > 0 ? $"{service.Pid}" : "-",
            Name(service.State),
            $"{facts?.Uid ?? service.Uid}",
            facts is null ? "-" : SizeText.Format((ulong)facts.ResidentKib << 10),
            facts is null ? "-" : SizeText.Format((ulong)facts.LockedKib << 10),
            $"{service.Restarts}",
        ];
    }

    private static string Name(ServiceState state) => state.ToString().ToLowerInvariant();
}
