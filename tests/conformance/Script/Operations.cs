namespace ClawOS.Conformance.Script;

/// <summary>The operations by name. Each topic's file adds its own.</summary>
internal static partial class Operations
{
    public static IReadOnlyDictionary<string, Operation> All { get; } = Collect();

    private static Dictionary<string, Operation> Collect()
    {
        Dictionary<string, Operation> all = [];
        AddNames(all);
        AddFiles(all);
        AddAttributes(all);
        AddXattrs(all);
        AddChecks(all);
        AddCalls(all);
        return all;
    }

    private static string Optional(string[] arguments, int at, string otherwise) => arguments.Length > at ? arguments[at] : otherwise;
}
