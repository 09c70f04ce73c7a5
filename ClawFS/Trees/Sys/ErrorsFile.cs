using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/errors`: the last 32 refusals and faults with their reasons. For the owner alone, since it quotes what was written.</summary>
internal static class ErrorsFile
{
    public const string FileName = "errors";

    private const uint OwnerReads = 0x100;

    public static GeneratedFile Build(ErrorLog errors)
    {
        GeneratedFile file = GeneratedFile.OfText(errors.Render, OwnerReads, keep: Timeout.InfiniteTimeSpan);
        errors.Added = file.Changed;
        return file;
    }
}
