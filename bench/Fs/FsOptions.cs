using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs;

/// <summary>The command line of `claw bench fs`.</summary>
internal sealed record FsOptions
{
    public const string Usage = """
        usage: claw bench fs [--json] [--quick] [--rows a,b] [--peers gocryptfs,ext4,securefs,passthrough_ll] [--folder DIR]
          --json    print the rows as JSON instead of a table
          --quick   one round of less work: for a look, not for a figure
          --rows    only these rows and what shares their preparation
          --peers   only these peers (default: all that can be installed)
          --folder  where the file systems are made (default: the temporary folder); must be on the disk to measure
        """;

    public bool Json { get; private init; }
    public Scale Scale { get; private init; } = Scale.Full;

    /// <summary>Null: all.</summary>
    public IReadOnlyList<string>? Rows { get; private init; }
    public IReadOnlyList<string> Peers { get; private init; } = [Catalogue.Ext4, Catalogue.Gocryptfs, Catalogue.Securefs, Catalogue.PassthroughLl];
    public string Folder { get; private init; } = Path.GetTempPath();

    /// <summary>Null when the line is not understood.</summary>
    public static FsOptions? Parse(ReadOnlySpan<string> line)
    {
        FsOptions options = new();
        while (!line.IsEmpty)
        {
            switch (line)
            {
                case ["--json", .. var rest]:
                    options = options with { Json = true };
                    line = rest;
                    break;
                case ["--quick", .. var rest]:
                    options = options with { Scale = Scale.Quick };
                    line = rest;
                    break;
                case ["--rows", var rows, .. var rest]:
                    options = options with { Rows = rows.Split(',') };
                    line = rest;
                    break;
                case ["--peers", var peers, .. var rest]:
                    options = options with { Peers = peers.Split(',', StringSplitOptions.RemoveEmptyEntries) };
                    line = rest;
                    break;
                case ["--folder", var folder, .. var rest]:
                    options = options with { Folder = Path.GetFullPath(folder) };
                    line = rest;
                    break;
                default:
                    return null;
            }
        }
        return options;
    }
}
