namespace ClawOS.Bench.Fs.Stages;

/// <summary>A source tree with its git repository (one pack), as a tar file. The same bytes every time.</summary>
/// <param name="folder">Scratch, on the disk under all systems.</param>
/// <param name="files">How many files the tree has.</param>
internal sealed class TreeArchive(string folder, int files)
{
    public const string Name = "tree";
    private const int FilesPerFolder = 12;
    private const int Smallest = 200, Largest = 36_000;
    private string? made;

    /// <summary>The tar file, made at the first call.</summary>
    public string File => made ??= Make();

    private string Make()
    {
        string tree = Path.Combine(folder, Name);
        Random random = new(9);
        byte[] content = new byte[Largest];
        for (int i = 0; i < files; i++)
        {
            string parent = Path.Combine(tree, $"part-{i / FilesPerFolder / 10:D3}", $"module-{i / FilesPerFolder % 10}");
            if (i % FilesPerFolder == 0)
                Directory.CreateDirectory(parent);
            random.NextBytes(content);
            System.IO.File.WriteAllBytes(Path.Combine(parent, $"source-{i % FilesPerFolder}.cs"), content[..random.Next(Smallest, Largest)]);
        }
        string[] identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "core.compression=0"];
        Command.RunIn(tree, null, "git", "init", "-q");
        Command.RunIn(tree, null, "git", [.. identity, "add", "-A"]);
        Command.RunIn(tree, null, "git", [.. identity, "commit", "-q", "-m", "tree"]);
        Command.RunIn(tree, null, "git", [.. identity, "repack", "-a", "-d", "-q"]);
        string archive = Path.Combine(folder, Name + ".tar");
        Command.RunIn(folder, null, "tar", "-cf", archive, Name);
        Directory.Delete(tree, recursive: true);
        return archive;
    }
}
