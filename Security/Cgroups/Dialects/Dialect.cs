namespace ClawOS.Security.Cgroups.Dialects;

/// <summary>The dialect of a version.</summary>
internal static class Dialect
{
    private static readonly DialectV1 Older = new();
    private static readonly DialectV2 Unified = new();

    internal static IDialect Of(CgroupVersion version) => version == CgroupVersion.V1 ? Older : Unified;
}
