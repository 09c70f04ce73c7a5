using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Security.Sandbox.Services;

namespace ClawOS.Cli.Doctor;

/// <summary>What holds of the services that run: read back from /proc.</summary>
internal static class ServiceChecks
{
    internal static IEnumerable<Finding> Run(StatusReport mount)
    {
        yield return mount.State == ServiceState.Running ? new Finding($"{mount.Mount}", Verdict.Ok, "is served")
            : mount.State == ServiceState.Locked ? new Finding($"{mount.Mount}", Verdict.Limited, "is locked: stored files answer ENOKEY", "claw unlock")
            : new Finding($"{mount.Mount}", Verdict.Missing, mount.Message ?? "is not served", "claw down, then claw up");
        foreach (ServiceStatus service in mount.Services.Where(service => service.Pid > 0))
        {
            if (ProcessFacts.Read(service.Pid) is not { } facts)
            {
                continue;
            }

            string name = $"{mount.Mount} {service.Name}";
            ServiceRow? row = ServiceTable.Find(service.Name == "embed-next" ? "embed" : service.Name);
            yield return facts.CoreDumps
                ? new Finding(name, Verdict.Limited, "may leave a core file", "report this: every service forbids it at start")
                : new Finding(name, Verdict.Ok, "leaves no core file");
            if (service.Unhardened is { } why)
            {
                yield return new Finding(name, Verdict.Limited, $"runs without its limits: {why}", "./claw makes claw-exec; then claw down, claw up");
            }
            else if (row?.Profile is not null)
            {
                yield return facts.HasFilter
                    ? new Finding(name, Verdict.Ok, "under a filter of system calls")
                    : new Finding(name, Verdict.Limited, "under no filter of system calls", "report this: docs/hardening.md says that it has one");
            }

            if (service.Name == "fs")
            {
                yield return facts.LockedKib > 0
                    ? new Finding(name, Verdict.Ok, $"{facts.LockedKib} KiB locked in memory")
                    : new Finding(name, Verdict.Limited, "no memory is locked", "ulimit -l, or run as root");
            }

            if (service.Name != "supervisor")
            {
                // Who takes a uid of its own keeps none; guard stays root, with those of its row.
                ulong held = Convert.ToUInt64(facts.Capabilities, 16), meant = row is { User: null } ? row.CapabilityMask : 0;
                yield return held == 0 ? new Finding(name, Verdict.Ok, $"uid {facts.Uid}, no capabilities")
                    : (held & ~meant) == 0 ? new Finding(name, Verdict.Ok, $"uid {facts.Uid}, with the capabilities that docs/hardening.md gives it, and no others")
                    : new Finding(name, Verdict.Limited, $"uid {facts.Uid}, capabilities {facts.Capabilities}", "report this: docs/hardening.md gives it fewer");
            }
        }
    }
}
