using System.Text;
using ClawOS.Security.Sandbox.Services;

namespace ClawOS.Cli.Install;

/// <summary>
/// The systemd unit of one mount (systemd.exec(5)). The supervisor starts the services in it and gives each its own limits; the unit holds what all of them together need,
/// from the same table.
/// </summary>
/// <param name="Mount">The mount point.</param>
/// <param name="Store">The store folder.</param>
/// <param name="Program">Program and leading arguments of claw, absolute.</param>
internal sealed record SystemdUnit(string Mount, string Store, IReadOnlyList<string> Program)
{
    /// <summary>The first line: what has it is ours to replace and remove.</summary>
    internal const string Mark = "# Made by claw install; claw install --uninstall removes it.";

    /// <summary>Whether it is for a user's own manager; else for the machine's.</summary>
    internal bool IsForUser { get; init; }

    /// <summary>Whose files they are; null: the unit's user.</summary>
    internal string? Owner { get; init; }

    /// <summary>Variables that the services need.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What starts it at boot or login.</summary>
    internal static string Target(bool isForUser) => isForUser ? "default.target" : "multi-user.target";

    internal string Text()
    {
        string[] start = [.. Program, "mount", Mount, "--store", Store, .. Owner is null ? (string[])[] : ["--owner", Owner]];
        string[] stop = [.. Program, "down", Mount];
        StringBuilder text = new();
        text.Append($"""
            {Mark}
            [Unit]
            Description=ClawOS at {Describe(Mount)}
            StartLimitIntervalSec=60
            StartLimitBurst=5

            [Service]
            Type=exec
            ExecStart={Line(start)}
            # Closes the store cleanly; a mount in use that it refuses is taken down with the process.
            ExecStop={Line(stop)}
            Restart=on-failure
            RestartSec=2
            TimeoutStopSec=2min
            # The supervisor ends its services in their order.
            KillMode=mixed
            UMask=0077
            LimitCORE=0
            LimitMEMLOCK=infinity
            # One service that the kernel kills for want of memory is started again by the supervisor.
            OOMPolicy=continue

            """);
        foreach ((string name, string value) in Environment)
        {
            text.Append($"Environment={Quote($"{name}={value}")}\n");
        }

        if (!IsForUser)
        {
            text.Append($"""
                # Control groups for sandboxes.
                Delegate=yes
                CapabilityBoundingSet={string.Join(' ', ServiceTable.Find("supervisor")!.Capabilities.Select(capability => capability.KernelName()))}
                KeyringMode=private
                LockPersonality=yes
                RestrictRealtime=yes
                RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
                SystemCallArchitectures=native
                SystemCallFilter=~@clock @module @reboot @swap @obsolete @cpu-emulation
                SystemCallErrorNumber=EPERM
                # Not ProtectSystem, PrivateTmp, PrivateDevices or others that make a mount namespace: the mount must be seen by everybody.
                # Not PrivateNetwork: services have network namespaces of their own, but for an embed worker with a server, which needs the machine's.
                # Not MemoryDenyWriteExecute: .NET compiles at run time.

                """);
        }
        else
        {
            text.Append("# For a user, systemd's filters imply NoNewPrivileges, and fusermount3 needs its setuid bit; the services have filters of their own.\n");
        }

        text.Append($"\n[Install]\nWantedBy={Target(IsForUser)}\n");
        return text.ToString();
    }

    /// <summary>A $ begins a variable in every word but the first, the program's path.</summary>
    private static string Line(string[] words) => string.Join(' ', words.Select((word, at) => at == 0 ? Quote(word) : Quote(word).Replace("$", "$$", StringComparison.Ordinal)));

    /// <summary>
    /// systemd.syntax(7): double quotes, C escapes, and % begins a specifier. Beside the newline, a carriage return ends a line there: every control character is escaped, or a folder's
    /// name could add a setting.
    /// </summary>
    private static string Quote(string word)
    {
        string escaped = string.Concat(word.Select(letter => letter switch
        {
            '\\' or '"' => $"\\{letter}",
            '%' => "%%",
            < ' ' or '\x7f' => $"\\x{(int)letter:x2}",
            _ => letter.ToString(),
        }));
        return escaped.Length > 0 && escaped.All(letter => char.IsAsciiLetterOrDigit(letter) || "/._-=:%".Contains(letter, StringComparison.Ordinal)) ? escaped : $"\"{escaped}\"";
    }

    /// <summary>A description is not unquoted, and a backslash at its end would take in the next line.</summary>
    private static string Describe(string text) => string.Concat(text.Select(letter => char.IsControl(letter) || letter == '\\' ? '?' : letter)).Replace("%", "%%", StringComparison.Ordinal);
}
