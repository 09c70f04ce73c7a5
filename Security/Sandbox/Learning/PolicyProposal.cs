using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox.Views;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>From what was recorded to the paths of a policy.</summary>
internal sealed class PolicyProposal
{
    // More entries of a folder than this become the folder: a mount for each would say no more. Programs are kept apart longer, for they are what a policy is about.
    private const int MostFiles = 3, MostPrograms = 15;
    private readonly Recording recording;
    private readonly string workspace;
    private readonly EffectivePolicy? within;

    internal PolicyProposal(Recording recording, string workspace, EffectivePolicy? within)
    {
        (this.recording, this.workspace, this.within) = (recording, workspace, within);
        Read = new GrantList(PathAccess.Read, workspace, Allows);
        Write = new GrantList(PathAccess.Write, workspace, Allows);
        Execute = new GrantList(PathAccess.Execute, workspace, Allows);
        Programs = new GrantList(PathAccess.Execute, workspace, Allows);
        foreach ((string path, PathUse use) in recording.Files.Where(pair => IsWritable(pair.Key)).ToArray())
        {
            if (MadeIn(path) is { } folder)
            {
                TakeMade(folder, use);
            }
            else
            {
                Take(path, use);
            }
        }

        Read.Fold(MostFiles);
        Write.Fold(MostFiles);
        Execute.Fold(MostFiles);
        Programs.Fold(MostPrograms);
        Read.DropParents([.. Read.Items.Select(item => item.Path), .. Write.Items.Select(item => item.Path), .. Execute.Items.Select(item => item.Path), .. Programs.Items.Select(item => item.Path)]);
        Read.Add(workspace, "where it starts");
    }

    internal GrantList Read { get; }

    internal GrantList Write { get; }

    /// <summary>Code that programs map: libraries.</summary>
    internal GrantList Execute { get; }

    internal GrantList Programs { get; }

    /// <summary>What is not granted although it was used, and why.</summary>
    internal List<string> LeftOut { get; } = [];

    /// <summary>What a base policy denies inside of what is proposed.</summary>
    internal IEnumerable<PathRule> Denials => (within?.Paths ?? []).Where(rule => rule.IsDenied && !rule.IsGlob
        && new[] { Read, Write, Execute, Programs }.Any(list => list.Items.Any(item => item.IsTree && (item.Path == rule.Path || PolicyPaths.IsBelow(rule.Path, item.Path)))));

    /// <summary>The folder that was there before and in which a path, or a folder around it, was made; null for a path that was there.</summary>
    private string? MadeIn(string path)
    {
        string? found = null;
        for (string? part = path; part is not null; part = Path.GetDirectoryName(part))
        {
            found = recording.Files.GetValueOrDefault(part).HasFlag(PathUse.Made) ? Path.GetDirectoryName(part) : found;
        }

        return found;
    }

    /// <summary>What is made cannot be named before: the right is one of the folder.</summary>
    private void TakeMade(string folder, PathUse use)
    {
        if ((use & (PathUse.Read | PathUse.List)) != 0)
        {
            Tree(Read, folder, "what is made in it is read");
        }

        if ((use & (PathUse.Write | PathUse.Change | PathUse.Made)) != 0)
        {
            Tree(Write, folder, "files made, renamed or removed");
        }

        if ((use & (PathUse.Launch | PathUse.Execute)) != 0)
        {
            Tree(Execute, folder, "what is made in it is started");
        }
    }

    private void Take(string path, PathUse use)
    {
        if (use.HasFlag(PathUse.Link))
        {
            Link(path);
        }

        if ((use & (PathUse.Look | PathUse.Read)) != 0 && path != "/")
        {
            Read.Add(path, use.HasFlag(PathUse.Read) ? "read" : "looked at");
        }

        if (use.HasFlag(PathUse.List))
        {
            Tree(Read, path, Path.GetDirectoryName(path) == "/" ? $"listed; this is all of {path}: look twice" : "listed");
        }

        if (use.HasFlag(PathUse.Change))
        {
            Tree(Write, path, "files made, renamed or removed");
        }

        if (use.HasFlag(PathUse.Write))
        {
            Write.Add(path, "written");
        }

        if (use.HasFlag(PathUse.Launch))
        {
            Programs.Add(path, "started");
            if (Interpreter.Of(path) is { } name && PathWalk.Follow(name) is { } interpreter)
            {
                foreach (string link in interpreter.Links)
                {
                    Link(link);
                }

                Read.Add(interpreter.Real, "started by the kernel");
                Execute.Add(interpreter.Real, $"starts {Path.GetFileName(path)}");
            }
        }
        else if (use.HasFlag(PathUse.Execute))
        {
            Execute.Add(path, "mapped as code");
        }
    }

    /// <summary>A link is there only where its folder is.</summary>
    private void Link(string link)
    {
        string folder = Path.GetDirectoryName(link) ?? "/";
        if (folder == "/")
        {
            return; // Links of the root are laid into every view.
        }

        if (Path.GetDirectoryName(folder) == "/" && folder != workspace)
        {
            LeftOut.Add($"{link} is a symbolic link: it would take all of {folder}");
        }
        else
        {
            Tree(Read, folder, $"has the link {Path.GetFileName(link)}");
        }
    }

    private void Tree(GrantList list, string path, string reason)
    {
        if (path == "/" || !list.AddTree(path, reason))
        {
            LeftOut.Add($"{path}: {reason}; {(path == "/" ? "the root itself cannot be granted" : "more than the base policy allows")}");
        }
    }

    /// <summary>A path with these letters means something else in a policy.</summary>
    private bool IsWritable(string path)
    {
        bool good = !path.AsSpan().ContainsAny("*?\\\"$") && !path.Any(char.IsControl);
        if (!good)
        {
            LeftOut.Add($"{new string([.. path.Select(letter => char.IsControl(letter) ? '?' : letter)])}: a policy cannot name it");
        }

        return good;
    }

    private bool Allows(string path, bool isTree, PathAccess access) =>
        within is null || (isTree
            ? within.Paths.Any(rule => rule is { IsDenied: false, IsGlob: false, IsTree: true } && rule.Access.HasFlag(access) && (rule.Path == path || PolicyPaths.IsBelow(path, rule.Path)))
            : (new PolicyPaths(within).At(path) & access) != 0);
}
