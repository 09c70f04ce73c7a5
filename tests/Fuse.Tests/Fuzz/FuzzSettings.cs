using System.Globalization;

namespace Fuse.Tests.Fuzz;

/// <summary>How long and from which seed: <c>CLAW_FUZZ_LONG=1</c> for millions, <c>CLAW_FUZZ_SEED=n</c> to see a failure again.</summary>
internal static class FuzzSettings
{
    public static int Requests(int normally) =>
        Environment.GetEnvironmentVariable("CLAW_FUZZ_LONG") == "1" ? normally * 25 : normally;

    /// <summary>Picks the seed and prints it.</summary>
    public static int Seed()
    {
        string? given = Environment.GetEnvironmentVariable("CLAW_FUZZ_SEED");
        int seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"CLAW_FUZZ_SEED={seed}");
        return seed;
    }
}
