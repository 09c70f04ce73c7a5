using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox.Views;

// What is kept from a sandbox whatever its policy says of the folder around it: places of ClawOS, the kernel's own file systems, sockets of programs outside.
internal sealed partial class ViewBuilder
{
    /// <summary>What no policy gives: where ClawOS keeps keys and sockets of its own.</summary>
    private void Withhold(string path, PathRule[] own, Cover? cover)
    {
        if (Directory.Exists(path) && cover is { Kind: CoverKind.Machine })
        {
            Hide(path, isFolder: true, cover, mayGo: true);
        }
        else
        {
            covers.Add(new Cover(path, CoverKind.Closed, default));
        }

        if (own.Length > 0)
        {
            Notes.Add($"{own[0].Source}: {path} is where ClawOS keeps its keys; no sandbox has it");
        }
    }

    /// <summary>A file system of the kernel's own that no rule names, within what is granted: a view of processes is hidden, all else is read-only.</summary>
    private void OfKernel(string path, Cover? cover)
    {
        if (cover is not { Kind: CoverKind.Machine })
        {
            return;
        }

        bool isFolder = Directory.Exists(path);
        MountRestrictions restrictions = cover.Restrictions | MountRestrictions.ReadOnly | MountRestrictions.NoExecute;
        if (kernel[path] == KernelMounts.Processes)
        {
            Hide(path, isFolder, cover, mayGo: true);
        }
        else if (cover.Restrictions != restrictions)
        {
            Show(path, isFolder, restrictions, cover);
        }
    }

    /// <summary>What programs outside listen at, within what is granted and not named by a rule of its own.</summary>
    private void Sockets()
    {
        foreach (string path in BoundSockets.Find().Where(path => CoverOf(path) is { Kind: CoverKind.Machine } && File.Exists(path) && !ClawView.Has(path) && !paths.Rules.Any(rule => rule.Path == path)))
        {
            Hide(path, isFolder: false, CoverOf(path), mayGo: true);
            Notes.Add($"{path}: a program outside listens there; it is hidden, as no rule names it");
        }
    }

    /// <summary>
    /// A mount of ClawOS on this machine, or what is in it: everything there but stored files would let the sandbox out, its own approval included. It is covered
    /// in what holds it; stored files are as others.
    /// </summary>
    private void Foreign(string mount, string path, PathRule[] own, Cover? cover)
    {
        if (path == mount && cover is { Kind: CoverKind.Machine })
        {
            items.Add(ViewItem.Tmpfs(path, ForeignMounts.CoverBytes, MountRestrictions.NoExecute, ForeignMounts.CoverMode).IfThere());
            covers.Add(new Cover(path, CoverKind.Own, default));
            _ = made.Add(path);
        }

        if (own.Length > 0)
        {
            Notes.Add($"{own[0].Source}: {path} is in the ClawOS mount {mount}; what is stored there is granted as {ClawView.Place}{ClawView.Stored}/...");
        }
    }
}
