using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>The root of the mount: which name belongs to which tree.</summary>
public static class ClawRoot
{
    /// <summary>Makes the root folder.</summary>
    /// <param name="mountFolder">Where it is mounted, for the examples in README.</param>
    /// <param name="memory">Inode number of the stored folder `memory`.</param>
    /// <param name="sys">See <see cref="SysFolder.Build"/>.</param>
    /// <param name="events">The event log.</param>
    public static GeneratedFolder Build(string mountFolder, ulong memory, GeneratedFolder sys, EventLog events) => new GeneratedFolder()
        .Add(Readme.FileName, Readme.Build(mountFolder))
        .AddStored("memory", memory)
        .Add(SysFolder.FileName, sys)
        .Add(EventFile.CurrentName, events.Current)
        .Add(EventFile.ArchiveName, events.Archive);
}
