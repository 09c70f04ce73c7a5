namespace ClawOS.Security.Trees;

/// <summary>Something that waits for the owner's yes.</summary>
/// <param name="Id">Its name in `approvals`: 1 to 64 of a-z, 0-9 and "-".</param>
/// <param name="Expires">Until when an answer is taken.</param>
/// <param name="Card">What it is about, for people; from a process that has it from a program.</param>
public sealed record PendingApproval(string Id, DateTimeOffset Expires, string Card);
