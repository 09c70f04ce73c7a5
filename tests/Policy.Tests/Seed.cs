using System.Globalization;

namespace Policy.Tests;

/// <summary>The seed of a randomised test: from CLAW_SEED if set, else fresh; always printed.</summary>
internal static class Seed
{
    public static int For(ITestOutputHelper output)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given)
            ? given
            : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        return seed;
    }
}
