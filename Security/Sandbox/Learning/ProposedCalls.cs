using System.Globalization;
using System.Text;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>What a proposal says of system calls.</summary>
/// <param name="Profile">The shipped profile that is nearest.</param>
/// <param name="Additions">Calls beyond it.</param>
/// <param name="Only">Of all those, the only ones; null: the policy does not say.</param>
/// <param name="Asked">Calls that a base policy asks about.</param>
internal sealed record ProposedCalls(string Profile, IReadOnlyCollection<string> Additions, IReadOnlyCollection<string>? Only, IReadOnlyCollection<string> Asked)
{
    private const int Width = 140;

    /// <summary>The table of a policy.</summary>
    /// <param name="text">Receives it.</param>
    /// <param name="recorded">How often each call was seen.</param>
    internal void Write(StringBuilder text, IReadOnlyDictionary<string, long> recorded)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n[syscalls]\nprofile = \"{Profile}\"\n");
        if (Additions.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"# The profile refuses these, or their arguments as they were seen. The command may do without: try it.\nallow = [{Quoted(Additions)}]\n");
        }

        if (Only is not null)
        {
            text.Append("only = [\n");
            List(text, "Seen.", Only.Where(recorded.ContainsKey));
            List(text, "Not seen, but every start needs them, or the base policy asks about them.", Only.Where(name => !recorded.ContainsKey(name)));
            text.Append("]\n");
        }

        if (Asked.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"# The base policy's; they were refused while learning.\nask = [{Quoted(Asked)}]\n");
        }
    }

    private static void List(StringBuilder text, string reason, IEnumerable<string> names)
    {
        string[] sorted = [.. names.Order(StringComparer.Ordinal)];
        if (sorted.Length == 0)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"  # {reason}\n ");
        int column = 1;
        foreach (string name in sorted)
        {
            if (column + name.Length > Width)
            {
                text.Append("\n ");
                column = 1;
            }

            string item = $" \"{name}\",";
            text.Append(item);
            column += item.Length;
        }

        text.Append('\n');
    }

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}
