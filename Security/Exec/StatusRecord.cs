namespace ClawOS.Security.Exec;

/// <summary>What the child tells the parent over a pipe, 16 bytes at once: a step that failed, or how the command ended.</summary>
internal struct StatusRecord
{
    internal const int FailedKind = 1, EndedKind = 2;

    internal int Kind;

    /// <summary>Failed: the step. Ended: si_code of waitid, 1 for an exit.</summary>
    internal int First;

    /// <summary>Failed: errno. Ended: the exit code or the signal.</summary>
    internal int Second;

    /// <summary>Failed: the entry of the plan's table that it was about.</summary>
    internal int Item;
}
