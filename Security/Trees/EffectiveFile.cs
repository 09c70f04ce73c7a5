using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Trees;

/// <summary>
/// `policy/effective`: a line a rule of every active policy, parents joined in, sorted: policy, what, rule, the layers that enforce it, file:line. What does not stand here is denied.
/// </summary>
internal sealed class EffectiveFile(LivePolicies policies) : GeneratedFile(0x124, Timeout.InfiniteTimeSpan)
{
    public const string FileName = "effective";

    private const int WhatWidth = 10;

    /// <inheritdoc/>
    protected override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        file = null;
        return policies.State is null ? Errno.ENOKEY : base.Open(request, flags, shape, out file);
    }

    /// <inheritdoc/>
    protected override byte[] Render() => Encoding.UTF8.GetBytes(policies.Current is { } current ? TextOf(current) : "");

    private string TextOf(PolicySetChanged current)
    {
        int width = current.Files.Select(static file => file.Name.Length).DefaultIfEmpty().Max();
        return string.Concat(current.Files.Select(file => TextOf(file.Name.PadRight(width), current.Policies.Compile(file.Name, new CompileOptions { Layers = policies.Layers }))));
    }

    private static string TextOf(string name, PolicyCompilation compiled)
    {
        if (compiled.Policy is not { } policy)
        {
            return string.Concat(compiled.Errors.Select(error => $"{name}  {"refused",-WhatWidth}  {error.File}:{error.Line}:{error.Column}: {error.Message}\n"));
        }

        IReadOnlyList<EffectiveLine> lines = EffectiveText.Lines(policy);
        int rule = lines.Max(static line => line.Rule.Length);
        int layers = lines.Max(static line => line.Layers.ToText().Length);
        return string.Concat(lines.Select(line =>
            $"{name}  {line.What,-WhatWidth}  {line.Rule.PadRight(rule)}  {line.Layers.ToText().PadRight(layers)}  {line.Source?.ToString() ?? "default"}\n"));
    }
}
