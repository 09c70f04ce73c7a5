using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Trees;

/// <summary>
/// `policy/explain`: "policy=coder open-read /etc/shadow" asks what an active policy says; "agent=" is the same, for an agent runs under the policy of its name. "workspace=/home/me/work"
/// may follow. Back comes one line: the verdict, the layers, file:line of the rule, the reason; or "error: ..." where the question is none.
/// </summary>
internal sealed class ExplainService(LivePolicies policies) : ChannelService
{
    public const string FileName = "explain";

    private const string Form = "ask: policy=NAME [workspace=FOLDER] QUESTION, like policy=coder open-read /etc/shadow";

    private readonly Lock gate = new();
    private (long Version, string Name, string? Workspace, Explainer Explainer)? last;

    /// <inheritdoc/>
    public override bool IsUp => true;

    /// <inheritdoc/>
    public override Errno Submit(ChannelExchange exchange)
    {
        if (policies.Current is not { } current)
        {
            return Errno.ENOKEY;
        }

        exchange.Append(Encoding.UTF8.GetBytes(Answer(current, Encoding.UTF8.GetString(exchange.Bytes.Span)) + "\n"));
        exchange.Complete();
        return Errno.Ok;
    }

    private string Answer(PolicySetChanged current, string text)
    {
        try
        {
            string rest = text.Trim();
            string? name = Take(ref rest, "policy=") ?? Take(ref rest, "agent=");
            string? workspace = Take(ref rest, "workspace=");
            if (name is null || rest.Length == 0)
            {
                return $"error: {Form}";
            }

            return Explainer(current, name, workspace) is { } explainer ? explainer.Explain(rest).ToString() : Missing(current, name);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            return $"error: {wrong.Message}";
        }
    }

    /// <summary>A question about one policy comes seldom alone.</summary>
    private Explainer? Explainer(PolicySetChanged current, string name, string? workspace)
    {
        lock (gate)
        {
            if (last is { } known && known.Version == current.Version && known.Name == name && known.Workspace == workspace)
            {
                return known.Explainer;
            }
        }

        if (!current.Policies.Contains(name) || current.Policies.Compile(name, new CompileOptions { Workspace = workspace, Layers = policies.Layers }).Policy is not { } policy)
        {
            return null;
        }

        Explainer made = new(policy);
        lock (gate)
        {
            last = (current.Version, name, workspace, made);
        }

        return made;
    }

    private static string Missing(PolicySetChanged current, string name) => current.Policies.Contains(name)
        ? $"denied by none: the policy '{name}' is not valid and allows nothing, see errors and effective"
        : $"denied by none: no policy '{name}' is active; there are {string.Join(", ", current.Files.Select(static file => file.Name))}";

    /// <summary>The word behind a key at the beginning, taken off; null where there is none.</summary>
    private static string? Take(ref string text, string key)
    {
        if (!text.StartsWith(key, StringComparison.Ordinal))
        {
            return null;
        }

        int end = text.IndexOf(' ', StringComparison.Ordinal);
        string word = end < 0 ? text[key.Length..] : text[key.Length..end];
        text = end < 0 ? "" : text[end..].TrimStart();
        return word;
    }
}
