namespace ClawOS.Security.Seccomp.Json;

/// <summary>What is wrong with a text, collected so that one reading shows all of it.</summary>
internal sealed class ProfileErrors(SourceText source)
{
    private readonly List<(int Start, ProfileError Error)> found = [];

    internal void Add(PlacedValue at, string message, string? suggestion = null) => found.Add((at.Start, source.Error(at.Start, at.Length, message, suggestion)));

    /// <summary>The line of a value, from 1, to point at it from elsewhere.</summary>
    internal int Line(PlacedValue value) => source.Error(value.Start, 1, "").Line;

    /// <exception cref="ProfileException">There are errors.</exception>
    internal void ThrowIfAny()
    {
        if (found.Count > 0)
        {
            throw new ProfileException([.. found.OrderBy(static pair => pair.Start).Select(static pair => pair.Error)]);
        }
    }
}
