namespace ClawOS.Security.Seccomp;

/// <summary>A system call that a recorded program made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Count">How often, from 1.</param>
public readonly record struct RecordedCall(string Name, long Count);
