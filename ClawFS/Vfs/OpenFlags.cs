namespace ClawFS.Vfs;

/// <summary>The open(2) flags that generated nodes look at; the values are those of x86-64 and arm64 alike.</summary>
public static class OpenFlags
{
    internal const int AccessMask = 3, ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Exclusive = 0x80, Truncate = 0x200, Append = 0x400, NonBlocking = 0x800;

    /// <summary>Whether the descriptor may be written.</summary>
    public static bool Writes(int flags) => (flags & AccessMask) != ReadOnly;

    /// <summary>Whether the descriptor may be read.</summary>
    public static bool Reads(int flags) => (flags & AccessMask) != WriteOnly;
}
