namespace PolicyTree.Tests.Fakes;

/// <summary>A clock that a test sets.</summary>
internal sealed class LateClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
