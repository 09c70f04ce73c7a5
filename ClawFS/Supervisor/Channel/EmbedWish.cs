namespace ClawFS.Supervisor;

/// <summary>Which embed worker fs wants.</summary>
public enum EmbedWish : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>One that can make no socket.</summary>
    Local = 1,

    /// <summary>One that may use the network.</summary>
    Remote = 2,
}
