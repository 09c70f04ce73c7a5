namespace ClawOS.Bench.Sandbox;

/// <summary>The command line of `claw bench sandbox`.</summary>
/// <param name="Json">Print the rows as JSON.</param>
/// <param name="Quick">A tenth of the rounds: for a look, not for a figure.</param>
internal sealed record SandboxBenchOptions(bool Json, bool Quick)
{
    internal const string Usage = "       claw bench sandbox [--json] [--quick]   (starting /bin/true in a sandbox beside bubblewrap, what filters and watching cost, compiling a policy, from a save to its effect; two minutes)";

    /// <returns>Nothing when the arguments make no sense.</returns>
    internal static SandboxBenchOptions? Parse(ReadOnlySpan<string> line)
    {
        SandboxBenchOptions options = new(false, false);
        foreach (string word in line)
        {
            SandboxBenchOptions? next = word switch
            {
                "--json" => options with { Json = true },
                "--quick" => options with { Quick = true },
                _ => null,
            };
            if (next is null)
                return null;
            options = next;
        }

        return options;
    }
}
