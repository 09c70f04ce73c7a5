using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`README` of a view: what a sandboxed program finds in its /claw.</summary>
internal static class ViewReadme
{
    internal static GeneratedFile Build(ViewRequest request) => GeneratedFile.OfText(() => Text(request), keep: Timeout.InfiniteTimeSpan);

    private static string Text(ViewRequest request) =>
        "This is your part of ClawOS: what the policy of this sandbox grants, and nothing else.\n"
        + "What is not granted is not here. Files are ordinary files; whether you may change them is the policy's word, too.\n"
        + (request.Grants.Count == 0
            ? "\nNothing of memory/ is granted.\n"
            : "\nGranted:\n\n" + string.Concat(request.Grants.Select(static grant => $"  {Printable(grant.Path)}{(grant.IsFolder ? "/" : "")}\n").Order(StringComparer.Ordinal)))
        + (request.HasLaunch ? "\nrun/launch is a socket at which commands are started in sandboxes of their own, within your policy.\n" : "");

    /// <summary>A path may hold what a terminal would obey.</summary>
    private static string Printable(string path) => string.Concat(path.Select(static c => char.IsControl(c) ? '?' : c));
}
