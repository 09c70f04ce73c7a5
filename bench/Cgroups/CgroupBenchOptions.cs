namespace ClawOS.Bench.Cgroups;

/// <summary>The command line of `claw bench cgroups`.</summary>
/// <param name="Json">Print the rows as JSON.</param>
/// <param name="Quick">A tenth of the rounds: for a look, not for a figure.</param>
internal sealed record CgroupBenchOptions(bool Json, bool Quick)
{
    internal const string Usage = "       claw bench cgroups [--json] [--quick]   (making, freezing, ending groups of processes, and how exact a quota is; half a minute)";

    /// <returns>Nothing when the arguments make no sense.</returns>
    internal static CgroupBenchOptions? Parse(ReadOnlySpan<string> line)
    {
        CgroupBenchOptions options = new(false, false);
        foreach (string word in line)
        {
            CgroupBenchOptions? next = word switch
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
