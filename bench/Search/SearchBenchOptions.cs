namespace ClawOS.Bench.Search;

/// <summary>The command line of `claw bench search`.</summary>
/// <param name="Json">Print the rows as JSON.</param>
/// <param name="Quick">A tenth of the text: for a look, not for a figure.</param>
/// <param name="Folder">On the disk to measure.</param>
internal sealed record SearchBenchOptions(bool Json, bool Quick, string Folder)
{
    internal const string Usage = "       claw bench search [--json] [--quick] [--folder FOLDER]   (a tree of 100 MB through the mount: indexing, visibility, answers, opening; about 10 minutes)";

    /// <returns>Nothing when the arguments make no sense.</returns>
    internal static SearchBenchOptions? Parse(ReadOnlySpan<string> line)
    {
        SearchBenchOptions options = new(false, false, Path.GetTempPath());
        while (!line.IsEmpty)
        {
            SearchBenchOptions? next = line switch
            {
                ["--json", ..] => options with { Json = true },
                ["--quick", ..] => options with { Quick = true },
                ["--folder", var folder, ..] => options with { Folder = Path.GetFullPath(folder) },
                _ => null,
            };
            if (next is null)
                return null;
            options = next;
            line = line[(line[0] == "--folder" ? 2 : 1)..];
        }

        return options;
    }
}
