namespace ClawOS.Security.Sandbox;

/// <summary>What Landlock enforces (landlock(7)): what is handled and not granted by a rule is refused with EACCES.</summary>
/// <param name="Version">The version of the kernel's interface that the plan needs; an older kernel refuses to start.</param>
/// <param name="HandledFiles">Rights of files that are handled.</param>
/// <param name="HandledNet">TCP rights that are handled: bind 1, connect 2. None is granted.</param>
/// <param name="Scopes">What may not reach outside: abstract UNIX sockets 1, signals 2.</param>
/// <param name="Paths">What is granted.</param>
public sealed record LandlockPlan(int Version, FileRights HandledFiles, ulong HandledNet, ulong Scopes, IReadOnlyList<LandlockRule> Paths);

/// <summary>Rights on a file, or on a folder and everything below it.</summary>
/// <param name="Path">Absolute path in the sandbox, without symbolic links.</param>
/// <param name="Rights">What is granted; those about folders are an error on a file (EINVAL).</param>
public sealed record LandlockRule(string Path, FileRights Rights);
