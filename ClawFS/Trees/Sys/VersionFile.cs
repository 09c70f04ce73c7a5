using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/version`: the version of ClawOS that serves this mount.</summary>
internal static class VersionFile
{
    public const string FileName = "version";

    public static GeneratedFile Build(FsFacts facts) => GeneratedFile.OfText(() => facts.Version + "\n", keep: Timeout.InfiniteTimeSpan);
}
