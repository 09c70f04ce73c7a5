namespace ClawOS.Security.Seccomp.Tests;

/// <summary>Chance that can be repeated: the seed is printed, and CLAW_SEED sets it.</summary>
internal static class Seed
{
    internal static Random Random()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : System.Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"CLAW_SEED={seed}");
        return new Random(seed);
    }
}
