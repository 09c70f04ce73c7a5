namespace ClawOS.Security.Policy.Compiling;

/// <summary>What kind of name a line gave.</summary>
internal enum OriginKind
{
    Secret,
    Syscall,
    Limit,
    Profile,
    Only,
    Asked,
    Launch,
    OnRevoke,
}

/// <summary>A name in an effective policy whose line is looked up.</summary>
internal readonly record struct Origin(OriginKind Kind, string Name);
