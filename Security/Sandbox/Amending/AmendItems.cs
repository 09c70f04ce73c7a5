using ClawFS.Linux;
using ClawOS.Security.Sandbox.Layout;
using ClawOS.Security.Sandbox.Views;

namespace ClawOS.Security.Sandbox.Amending;

/// <summary>The steps from how a sandbox is to how it shall be. Outer folders come first: what is laid over a folder carries along what is below it.</summary>
internal sealed class AmendItems
{
    private readonly IReadOnlyList<PathWish> wishes;
    private readonly IReadOnlyDictionary<string, AmendedPlace> places;

    internal AmendItems(IReadOnlyList<PathWish> wishes, IReadOnlyDictionary<string, AmendedPlace> places)
    {
        (this.wishes, this.places) = (wishes, places);
        string? hidden = null;
        foreach (PathWish wish in wishes)
        {
            if (hidden is not null && PolicyPaths.IsBelow(wish.Path, hidden))
            {
                if (!wish.IsHidden)
                {
                    Notes.Add($"{wish.Path}: is below {hidden}, which is covered; it is there again from the next launch on");
                }

                continue;
            }

            hidden = wish.IsHidden && wish.IsTree ? wish.Path : hidden;
            Add(wish, places.GetValueOrDefault(wish.Path));
        }
    }

    internal List<AmendItem> Items { get; } = [];

    /// <summary>What is not done before the next launch.</summary>
    internal List<string> Notes { get; } = [];

    /// <summary>What is not taken away before the next launch.</summary>
    internal List<string> Kept { get; } = [];

    private void Add(PathWish wish, AmendedPlace? place)
    {
        MountRestrictions has = place?.Restrictions ?? MountRestrictions.None;
        ulong cover = place?.CoverId ?? 0;
        if (wish.IsHidden)
        {
            if (cover == 0)
            {
                RestrictMounts(wish);
                Items.Add(new AmendItem(AmendKind.Cover, wish));
            }

            return;
        }

        if (wish.IsPinned && place is not { IsPinned: true })
        {
            Items.Add(new AmendItem(AmendKind.Part, wish));
        }

        if (cover != 0)
        {
            if ((wish.Restrictions & ~has) != 0)
            {
                // Uncovered first and restricted then, it could be written in between.
                Notes.Add($"{wish.Path}: stays covered until the next launch");
                return;
            }

            Items.Add(new AmendItem(AmendKind.Uncover, wish) { MountId = cover });
        }

        if ((wish.Restrictions & ~has) != 0)
        {
            Restrict(wish);
        }

        if ((has & ~wish.Restrictions) != 0)
        {
            Items.Add(new AmendItem(AmendKind.Restrict, wish) { Set = wish.Restrictions, Clear = has & ~wish.Restrictions, MountId = place!.MountId });
        }
    }

    /// <summary>A cover stops who comes by the path. Who stands in the folder reads on, but writes and executes nothing more, where it is a mount of its own; so with mounts below, which a cover would leave as they are.</summary>
    private void RestrictMounts(PathWish hidden)
    {
        foreach (PathWish wish in wishes.Where(other => hidden.IsTree && PolicyPaths.IsBelow(other.Path, hidden.Path)).Append(hidden))
        {
            MountRestrictions missing = wish.Whole & ~(places.GetValueOrDefault(wish.Path)?.Restrictions ?? MountRestrictions.None);
            if (missing != MountRestrictions.None)
            {
                Items.Add(new AmendItem(AmendKind.Restrict, wish) { Set = missing, IsMountAlone = true });
            }
        }
    }

    private void Restrict(PathWish wish)
    {
        PathWish[] wider = [.. wishes.Where(other => PolicyPaths.IsBelow(other.Path, wish.Path) && other.IsWiderThan(wish))];
        Items.AddRange(wider.Select(other => new AmendItem(AmendKind.Part, other)));
        if (wider.Length > 0)
        {
            foreach (string mount in MountEntry.ReadAll().Select(mount => mount.MountPoint).Distinct())
            {
                if (PolicyPaths.IsBelow(mount, wish.Path) && !wishes.Any(other => other.Path == mount || PolicyPaths.IsBelow(mount, other.Path) && other.IsWiderThan(wish)))
                {
                    Kept.Add($"{mount}: is a mount of its own below {wish.Path} and is restricted from the next launch on");
                }
            }
        }

        Items.Add(new AmendItem(AmendKind.Restrict, wish) { Set = wish.Restrictions, IsRecursive = wider.Length == 0 });
    }
}
