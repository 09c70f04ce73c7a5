using System.Globalization;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/uptime`: whole seconds since fs began to serve.</summary>
internal static class UptimeFile
{
    public const string FileName = "uptime";

    public static GeneratedFile Build(FsFacts facts) => GeneratedFile.OfText(() => Seconds(facts).ToString(CultureInfo.InvariantCulture) + "\n");

    public static long Seconds(FsFacts facts) => (long)Math.Max(0, (DateTimeOffset.UtcNow - facts.StartedAt).TotalSeconds);
}
