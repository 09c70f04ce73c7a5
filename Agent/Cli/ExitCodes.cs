namespace ClawOS.Cli;

/// <summary>The exit codes of claw. They are documented in `claw --help` and the README, and never change meaning.</summary>
internal static class ExitCodes
{
    internal const int Ok = 0;
    internal const int Failed = 1;
    internal const int Usage = 2;
    internal const int WrongKey = 3;
    internal const int InUse = 4;
    internal const int NotFound = 5;
    internal const int Damaged = 6;
    internal const int TooNew = 7;
    internal const int NotApproved = 123;
    internal const int NotStarted = 125;
    internal const int Interrupted = 130;

    /// <summary>What each means, in the order of their numbers.</summary>
    internal static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "done"),
        (Failed, "failed; the line on standard error says what and what to do"),
        (Usage, "wrong usage, or several mounts to choose from"),
        (WrongKey, "wrong key, or the key is missing"),
        (InUse, "the store is open already; the line says by whom"),
        (NotFound, "no such mount, store or file"),
        (Damaged, "the store is damaged; claw fsck tells where"),
        (TooNew, "the store is of a format that this version of claw does not read"),
        (NotApproved, "run: the command needs the owner's yes and has none; the line says whether it was denied, has expired, or is another command by now"),
        (NotStarted, "run: the command was not started; what it exits with otherwise is its own, 124 after the policy's time"),
        (Interrupted, "interrupted by Ctrl-C"),
    ];
}
