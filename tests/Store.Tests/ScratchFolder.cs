using ClawFS.Linux;

namespace ClawFS.Store.Tests;

/// <summary>An empty folder of its own for one test, removed at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public ScratchFolder()
    {
        Path = Directory.CreateTempSubdirectory("claw-store-test-").FullName;
    }

    public string Path { get; private set; }

    /// <summary>A new descriptor of the folder; the caller disposes it.</summary>
    public Folder Open() => Folder.Open(Path);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Copies all files into another folder, as a backup program would do it.</summary>
    public void CopyTo(ScratchFolder other)
    {
        foreach (string file in Directory.GetFiles(Path))
            System.IO.File.Copy(file, other.File(System.IO.Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>Moves the folder away, so that its old path leads nowhere.</summary>
    public void Move()
    {
        Directory.Move(Path, Path + "-moved");
        Path += "-moved";
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
