namespace ClawOS.Bench.Cgroups;

/// <summary>The command line of `claw bench cgroups`.</summary>
/// <param name="Json">Print the rows as JSON.</param>
/// <param name="Quick">A tenth of the rounds: for a look, not for a figure.</param>
/// <param name="Calibrate">Look for limits instead: of <paramref name="Command"/>, or whether those of the shipped policies are wide enough.</param>
/// <param name="Command">What shall get limits; empty: the work that stands for each shipped policy.</param>
internal sealed record CgroupBenchOptions(bool Json, bool Quick, bool Calibrate, IReadOnlyList<string> Command)
{
    internal const string Usage = """
               claw bench cgroups [--json] [--quick]   (making, freezing, ending groups of processes, and how exact a quota is; half a minute)
               claw bench cgroups --calibrate [--quick] [-- COMMAND...]   ([limits] in which COMMAND keeps 80 % of its speed; without one, whether those of the shipped policies let their work do so)
        """;

    /// <returns>Nothing when the arguments make no sense.</returns>
    internal static CgroupBenchOptions? Parse(ReadOnlySpan<string> line)
    {
        CgroupBenchOptions options = new(false, false, false, []);
        for (int i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--quick":
                    options = options with { Quick = true };
                    break;
                case "--calibrate":
                    options = options with { Calibrate = true };
                    break;
                case "--" when options.Calibrate && i + 1 < line.Length:
                    return options with { Command = line[(i + 1)..].ToArray() };
                default:
                    return null;
            }
        }

        return options;
    }
}
