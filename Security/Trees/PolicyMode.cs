namespace ClawOS.Security.Trees;

/// <summary>What `policy/mode` says.</summary>
public enum PolicyMode
{
    /// <summary>What a policy does not allow is refused.</summary>
    Enforce,

    /// <summary>What a policy does not allow is recorded, where a layer can do that, and refused where none can.</summary>
    Audit,
}
