namespace ClawFS.Crypto.Tests;

/// <summary>Argon2id at its cheapest, where a test is not about its cost.</summary>
internal static class TestCosts
{
    public static Argon2Cost Cheap => new(64, 1);
}
