namespace ClawOS.Security.Seccomp.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("claw-seccomp-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
