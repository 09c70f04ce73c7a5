using ClawFS.Linux;
using ClawFS.Store.Objects;

namespace ClawFS.Store.Checks;

/// <summary>Authenticates the blocks of an extent and tells which are bad; what the disk refuses to read is bad as well.</summary>
internal static class ExtentCheck
{
    /// <summary>Checks an extent of at most <see cref="Content.MaxRequest"/> bytes.</summary>
    /// <param name="content">Reads the blocks.</param>
    /// <param name="inode">Only its id and salt are read.</param>
    /// <param name="part">The extent.</param>
    /// <param name="salt">The salt its segment must have; null if nobody knows.</param>
    /// <param name="bad">Told each longest run of bad blocks.</param>
    public static void Run(Content content, Inode inode, in Extent part, ulong? salt, Action<Extent> bad)
    {
        if (IsAuthentic(content, inode, part, salt))
        {
            return;
        }
        ulong first = part.End;
        for (ulong block = part.Block; block <= part.End; block++)
        {
            if (block < part.End && !IsAuthentic(content, inode, part.Slice(block, block + 1), salt))
            {
                first = Math.Min(first, block);
            }
            else if (first < block)
            {
                bad(part.Slice(first, block));
                first = part.End;
            }
        }
    }

    /// <summary>What is wrong with a run of blocks, for people.</summary>
    public static FsckProblem Problem(ulong inode, in Extent run) => new(FsckCode.BlockDamaged, inode,
        $"inode {inode}: bytes {run.Block * Extent.BlockSize} to {run.End * Extent.BlockSize - 1} in segment {run.Segment:x} are not authentic");

    /// <summary>Whether every block is there and authentic.</summary>
    public static bool IsAuthentic(Content content, Inode inode, in Extent extent, ulong? salt)
    {
        try
        {
            return content.IsAuthentic(inode, extent, salt);
        }
        catch (StoreException e) when (e.Error is not Errno.ENOMEM)
        {
            // A refusal of the disk is damage as well: the block cannot be read.
            return false;
        }
    }
}
