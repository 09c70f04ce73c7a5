using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/`: the state of fs, one value or table a file.</summary>
public static class SysFolder
{
    /// <summary>The name in the root.</summary>
    public const string FileName = "sys";

    /// <summary>Makes the folder.</summary>
    /// <param name="facts">What it shows.</param>
    /// <param name="errors">The log behind sys/errors; whoever refuses or finds damage writes to it.</param>
    /// <param name="control">The commands behind sys/ctl.</param>
    public static GeneratedFolder Build(FsFacts facts, ErrorLog errors, ControlService control) => new GeneratedFolder()
        .Add(HealthFile.FileName, HealthFile.Build(facts))
        .Add(VersionFile.FileName, VersionFile.Build(facts))
        .Add(UptimeFile.FileName, UptimeFile.Build(facts))
        .Add(FsFolder.FileName, FsFolder.Build(facts, errors))
        .Add(MetricsFile.FileName, MetricsFile.Build(facts, errors))
        .Add(ErrorsFile.FileName, ErrorsFile.Build(errors))
        .Add(ControlService.FileName, new Channel(control))
        .Add(EchoService.FileName, new Channel(new EchoService()));
}
