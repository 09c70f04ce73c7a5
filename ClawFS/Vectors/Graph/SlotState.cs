namespace ClawFS.Vectors.Graph;

/// <summary>What a slot holds, one byte each.</summary>
internal static class SlotState
{
    /// <summary>Nothing; no link leads here.</summary>
    public const byte Free = 0;

    /// <summary>A vector that is being inserted: walked through and linked to, not found yet.</summary>
    public const byte Pending = 1;

    /// <summary>A vector that searches find.</summary>
    public const byte Live = 2;

    /// <summary>A removed vector: walked through, never found, never linked to again.</summary>
    public const byte Dead = 3;

}
