namespace ClawOS.Bench.Fs;

/// <summary>How much work a row does.</summary>
/// <param name="Rounds">Each value is the median of so many.</param>
/// <param name="BigBytes">Size of the large file.</param>
/// <param name="SmallFiles">Files of 4 KiB.</param>
/// <param name="RandomReads">Random reads of 4 KiB.</param>
/// <param name="RandomWrites">Random writes of 4 KiB.</param>
/// <param name="TreeFiles">Files in the archive.</param>
/// <param name="SpaceFiles">Files of 4 KiB of the rows about memory and space.</param>
/// <param name="ManyFiles">Files that a large store holds.</param>
internal sealed record Scale(int Rounds, long BigBytes, int SmallFiles, int RandomReads, int RandomWrites, int TreeFiles, int SpaceFiles, int ManyFiles)
{
    /// <summary>As the published figures were taken.</summary>
    public static readonly Scale Full = new(3, 512L << 20, 10_000, 8192, 4096, 9_600, 100_000, 1_000_000);

    /// <summary>For a look in between; its figures are noise-prone.</summary>
    public static readonly Scale Quick = new(1, 128L << 20, 3_000, 4096, 2048, 2_400, 20_000, 100_000);
}
