namespace Sandbox.Tests.Differential;

/// <summary>A tree of the machine that policies are made about: folders, files, and programs that end well at once.</summary>
internal sealed class Grounds : IDisposable
{
    private const int Depth = 3;
    private static readonly string[] FolderNames = ["a", "b", "ab"], FileNames = ["f", "g.txt"];

    internal Grounds()
    {
        // Not below /tmp: there a sandbox has scratch space of its own.
        Root = Directory.CreateDirectory($"/var/tmp/claw-grounds-{Guid.NewGuid():N}").FullName;
        Fill(Root, Depth);
    }

    internal string Root { get; }

    internal List<string> Folders { get; } = [];

    internal List<string> Files { get; } = [];

    internal List<string> Programs { get; } = [];

    /// <summary>Takes away what questions about new names have made.</summary>
    internal void Restore()
    {
        foreach (string made in Directory.EnumerateFiles(Root, "new*", SearchOption.AllDirectories))
            File.Delete(made);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Fill(string folder, int depth)
    {
        Folders.Add(folder);
        foreach (string name in FileNames)
        {
            File.WriteAllText(Path.Combine(folder, name), name);
            Files.Add(Path.Combine(folder, name));
        }

        string program = Path.Combine(folder, "run");
        File.Copy("/usr/bin/true", program);
        Programs.Add(program);
        foreach (string name in depth > 0 ? FolderNames : [])
            Fill(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, depth - 1);
    }
}
