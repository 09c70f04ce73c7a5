namespace ClawFS.Linux;

/// <summary>How <see cref="Folder.Open(string, StorageMode, uint)"/> opens a file.</summary>
public enum StorageMode
{
    /// <summary>Existing, read only.</summary>
    Read,
    /// <summary>Existing, read and write.</summary>
    ReadWrite,
    /// <summary>Made now, read and write; EEXIST if the name is taken.</summary>
    CreateNew,
    /// <summary>Made if missing, read and write.</summary>
    CreateOrOpen,
}
