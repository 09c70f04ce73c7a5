using ClawOS.Mounting;

namespace ClawOS.Mount.Tests;

/// <summary>One mount for all tests that only need a folder on it. CLAW_TEST_DIR names another folder instead, to check a test itself.</summary>
public sealed class SharedMount : IDisposable
{
    private readonly ClawMount? _mount;
    private readonly TestFolder _folder;

    public SharedMount()
    {
        string? given = Environment.GetEnvironmentVariable("CLAW_TEST_DIR");
        _mount = given is null ? new ClawMount().Up() : null;
        _folder = new TestFolder(given ?? _mount!.Memory);
    }

    /// <summary>The product's mount; the test is skipped where CLAW_TEST_DIR stands in for it.</summary>
    public ClawMount Claw
    {
        get
        {
            if (_mount is null)
                Assert.Skip("CLAW_TEST_DIR is set: this test is about the product's own files");
            return _mount;
        }
    }

    /// <summary>A new empty folder on the mount.</summary>
    public TestFolder NewFolder() => new(_folder.Path);

    public void Dispose()
    {
        _folder.Dispose();
        _mount?.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class SharedMountCollection : ICollectionFixture<SharedMount>
{
    public const string Name = "shared mount";
}
