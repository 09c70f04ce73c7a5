namespace ClawOS.Security.Cgroups.Dialects;

/// <summary>One command to one file of a group.</summary>
/// <param name="File">The file's name in the group.</param>
/// <param name="Text">What is written to it.</param>
/// <param name="IsOptional">Whether a kernel without this file enforces the quota all the same.</param>
internal sealed record Setting(string File, string Text, bool IsOptional = false);
