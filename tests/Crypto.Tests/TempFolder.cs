using ClawFS.Linux;

namespace ClawFS.Crypto.Tests;

/// <summary>An empty folder, open as the store sees it, that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder()
    {
        Path = Directory.CreateTempSubdirectory("claw-crypto-").FullName;
        Store = Folder.Open(Path);
    }

    public string Path { get; }

    public Folder Store { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        Store.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
