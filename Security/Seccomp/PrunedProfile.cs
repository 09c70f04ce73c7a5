namespace ClawOS.Security.Seccomp;

/// <summary>A profile that <see cref="ProfilePruning"/> proposes.</summary>
/// <param name="Profile">The proposal; never allows what the base does not.</param>
/// <param name="Outside">Recorded calls that the base never makes, most frequent first: the proposal refuses them too.</param>
/// <param name="Dropped">Calls that the base allows and the proposal does not, in alphabetical order.</param>
public sealed record PrunedProfile(SeccompProfile Profile, IReadOnlyList<RecordedCall> Outside, IReadOnlyList<string> Dropped);
