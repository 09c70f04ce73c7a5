namespace Vm.Tests.Machine;

/// <summary>What the guest's root has of systemd: the manager, systemctl and the targets, no service of its own, so that it starts in seconds.</summary>
internal static class SystemdDisk
{
    /// <summary>Of the image: systemd becomes process 1 and starts the trial. Its other output would stand between the trial's.</summary>
    internal const string Init = """
        #!/bin/sh
        exec /usr/lib/systemd/systemd --unit=trial.target --show-status=false --log-target=kmsg --log-level=warning

        """;

    private const string TrialTarget = """
        [Unit]
        Requires=trial.service
        After=trial.service
        DefaultDependencies=no

        """;

    private const string TrialService = """
        [Unit]
        DefaultDependencies=no

        [Service]
        Type=oneshot
        ExecStart=/bin/sh /claw/trial/trial
        StandardOutput=tty
        StandardError=tty
        TTYPath=/dev/console

        """;

    private static readonly string[] Needed = ["systemd", "systemctl", "systemd-executor"];

    /// <summary>Why there can be no guest with systemd; null when there can.</summary>
    internal static string? WhyNot() =>
        Tool.Find("dpkg") is null ? "the files of systemd are found with dpkg, which is not here"
        : !File.Exists("/usr/lib/systemd/systemd") || Tool.Find("systemctl") is null ? "needs systemd's files: apt-get install systemd"
        : null;

    /// <summary>Adds it, where this machine has it.</summary>
    /// <param name="folder">The root of the image.</param>
    /// <param name="add">Adds a program with its libraries.</param>
    internal static void AddTo(string folder, Action<string> add)
    {
        if (WhyNot() is not null)
            return;
        string[] files = [.. Tool.Run("/", "dpkg", "-L", "systemd").Split('\n').Where(File.Exists)];
        foreach (string program in files.Where(path => Needed.Contains(Path.GetFileName(path)) && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0))
            add(program);
        // Libraries of its own, wherever this version keeps them.
        foreach (string library in files.Where(path => path.Contains("/libsystemd-", StringComparison.Ordinal)))
            add(library);
        string units = Directory.CreateDirectory(Path.Combine(folder, "usr/lib/systemd/system")).FullName;
        foreach (string target in files.Where(path => path.EndsWith(".target", StringComparison.Ordinal) && path.Contains("/systemd/system/", StringComparison.Ordinal)))
            File.Copy(target, Path.Combine(units, Path.GetFileName(target)), overwrite: true);
        File.WriteAllText(Path.Combine(units, "trial.target"), TrialTarget);
        File.WriteAllText(Path.Combine(units, "trial.service"), TrialService);
        Directory.CreateDirectory(Path.Combine(folder, "etc/systemd/system"));
        // What units say is seen: there is no journal.
        File.WriteAllText(Path.Combine(folder, "etc/systemd/system.conf"), "[Manager]\nDefaultStandardOutput=tty\nDefaultStandardError=tty\n");
        // An empty one: the guest makes up its own.
        File.WriteAllText(Path.Combine(folder, "etc/machine-id"), "");
    }
}
