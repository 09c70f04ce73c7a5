namespace ClawFS.Linux.Tests;

/// <summary>An empty folder that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("claw-linux-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public Folder Open() => Folder.Open(Path);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
