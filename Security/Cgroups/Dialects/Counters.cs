namespace ClawOS.Security.Cgroups.Dialects;

/// <summary>Numbers from the files of one group.</summary>
internal sealed class Counters(string folder)
{
    internal long Number(string name) => Parse(name, GroupFile.Read(Path.Combine(folder, name)), GroupText.Number);

    /// <summary>Null where this kernel has no such file.</summary>
    internal long? TryNumber(string name) =>
        GroupFile.TryRead(Path.Combine(folder, name)) is { } text ? Parse(name, text, GroupText.Number) : null;

    /// <summary>Null where this kernel's file has no such line.</summary>
    internal long? Field(string name, string key) => Parse(name, GroupFile.Read(Path.Combine(folder, name)), text => GroupText.Field(text, key));

    /// <summary>Null where this kernel has no such file or line.</summary>
    internal long? TryField(string name, string key) =>
        GroupFile.TryRead(Path.Combine(folder, name)) is { } text ? Parse(name, text, text => GroupText.Field(text, key)) : null;

    internal static TimeSpan? Microseconds(long? count) => count is { } value ? TimeSpan.FromMicroseconds(Math.Min(value, GroupText.MaxMicroseconds)) : null;

    internal static TimeSpan? Nanoseconds(long? count) => count is { } value ? new TimeSpan(value / TimeSpan.NanosecondsPerTick) : null;

    private T Parse<T>(string name, string text, Func<string, T> parse) => GroupFile.Understand(Path.Combine(folder, name), text, parse);
}
