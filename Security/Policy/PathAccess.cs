namespace ClawOS.Security.Policy;

/// <summary>What may be done with files. The three are independent: write does not include read.</summary>
[Flags]
public enum PathAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read files, list folders.</summary>
    Read = 1,

    /// <summary>Change, cut, make, rename and remove.</summary>
    Write = 2,

    /// <summary>Start a file as a program.</summary>
    Execute = 4,

    /// <summary>All three.</summary>
    All = Read | Write | Execute,
}
