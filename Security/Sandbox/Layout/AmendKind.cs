namespace ClawOS.Security.Sandbox.Layout;

/// <summary>What an amendment does to one path of a running sandbox.</summary>
internal enum AmendKind : uint
{
    /// <summary>Covers it: a folder by an empty one that nobody may enter, a file by one that cannot be opened.</summary>
    Cover = 1,

    /// <summary>Takes away the cover with the item's mount id, and no other mount.</summary>
    Uncover = 2,

    /// <summary>Adds and clears restrictions: of the mount at the path, where that is the one with the item's id or the item has none; else of the same files laid over it.</summary>
    Restrict = 3,

    /// <summary>Makes it a mount of its own where it is none, so that what is done to the mount around it leaves it alone.</summary>
    Part = 4,
}
