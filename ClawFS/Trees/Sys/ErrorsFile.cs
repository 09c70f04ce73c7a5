using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/errors`: the last 32 refusals and faults with their reasons.</summary>
internal static class ErrorsFile
{
    public const string FileName = "errors";

    public static GeneratedFile Build(ErrorLog errors)
    {
        GeneratedFile file = GeneratedFile.OfText(errors.Render, keep: Timeout.InfiniteTimeSpan);
        errors.Added = file.Changed;
        return file;
    }
}
