using ClawOS.Mounting;

namespace ClawOS.Conformance;

/// <summary>A file system under test: a folder on it that root owns and everybody may enter.</summary>
public interface ITarget
{
    string Folder { get; }
}

/// <summary>The yardstick: what the tables claim holds on ext4.</summary>
public sealed class Ext4Target : ITarget, IDisposable
{
    public const string Name = "ext4";
    private readonly Ext4Folder _folder = new();

    public string Folder => _folder.Path;

    public void Dispose() => _folder.Dispose();
}

/// <summary>The product, or any folder that CLAW_TEST_DIR names.</summary>
public sealed class ClawTarget : ITarget, IDisposable
{
    public const string Name = "claw";
    private readonly ClawMount? _mount;
    private readonly TestFolder _folder;

    public ClawTarget()
    {
        string? given = Environment.GetEnvironmentVariable("CLAW_TEST_DIR");
        if (given is null)
        {
            _mount = new ClawMount().Up();
            // memory/ is private (0700) by default; the tables need it open to other users.
            Programs.Shell("/", $"chmod 0755 '{_mount.Memory}'");
        }
        _folder = new TestFolder(given ?? _mount!.Memory);
    }

    public string Folder => _folder.Path;

    public void Dispose()
    {
        _folder.Dispose();
        _mount?.Dispose();
    }
}

[CollectionDefinition(Ext4Target.Name)]
public sealed class Ext4Collection : ICollectionFixture<Ext4Target>;

[CollectionDefinition(ClawTarget.Name)]
public sealed class ClawCollection : ICollectionFixture<ClawTarget>;
