namespace ClawOS.Security.AppArmor;

/// <summary>A profile cannot be compiled, loaded or removed: one line for people, with the reason.</summary>
public sealed class AppArmorException(string message) : Exception(message);
