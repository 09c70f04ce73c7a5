using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/health`: "ok", or "degraded" and a line for each reason.</summary>
internal static class HealthFile
{
    public const string FileName = "health";

    public static GeneratedFile Build(FsFacts facts)
    {
        GeneratedFile file = GeneratedFile.OfText(() => Render(facts));
        facts.FaultsChanged = file.Changed;
        return file;
    }

    private static string Render(FsFacts facts)
    {
        string lines = string.Concat(facts.Faults.Select(static fault => fault.ReplaceLineEndings(" ") + "\n"));
        return lines.Length == 0 ? "ok\n" : "degraded\n" + lines;
    }
}
