namespace ClawOS.Security.Sandbox;

/// <summary>The policy does not allow the command, or there is no such command: one line for people.</summary>
public sealed class SandboxRefusedException(string message) : Exception(message);
