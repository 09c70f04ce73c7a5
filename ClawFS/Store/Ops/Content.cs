using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Store.Segments;

namespace ClawFS.Store;

/// <summary>
/// Bytes of files in and out of segments. Each thread keeps one expanded file key and its buffers, so that neither reading nor writing
/// allocates; keys are derived again when the thread turns to another file.
/// </summary>
internal sealed class Content(Guid storeId, SecretKey fileMaster, SegmentFiles files, SegmentWriter writer, SegmentTable segments)
{
    /// <summary>16 TiB: the largest file.</summary>
    public const ulong MaxFileSize = 1UL << 44;

    /// <summary>Most bytes of one read or write (the kernel's largest request).</summary>
    public const int MaxRequest = 1 << 20;

    private const int PiecesAtOnce = 32;

    /// <summary>
    /// Blocks (128 KiB) from which a run starts on a page of the disk, so that reading one of its blocks takes one page and not two. Below, what is left out
    /// before the run would weigh more: at most a page, 3 % here.
    /// </summary>
    private const int RunOnPage = 32;
    private const string KeyPurpose = "claw file";

    [ThreadStatic]
    private static Scratch? scratch;

    /// <summary>Seals blocks into a segment; the extent is named by nobody yet. Needs no lock of the inode: only its id and salt are read.</summary>
    public Extent Seal(Inode inode, ulong block, ReadOnlySpan<byte> plaintext)
    {
        Scratch mine = Mine(inode);
        int sealedBytes = BlockSealer.SealedLength(plaintext.Length);
        int count = (plaintext.Length + Extent.BlockSize - 1) / Extent.BlockSize;
        writer.Reserve(sealedBytes, count >= RunOnPage, out SegmentFile segment, out uint offset);
        try
        {
            Span<byte> output = mine.Sealed(sealedBytes);
            BlockSealer.Seal(mine.Key, new BlockPlace(storeId, inode.Id, block, segment.Salt, offset), plaintext, output);
            writer.Write(segment, output, offset);
            return new Extent(block, (uint)count, segment.Id, offset, offset + (uint)plaintext.Length, (ushort)(plaintext.Length - (count - 1) * Extent.BlockSize));
        }
        finally
        {
            segment.Release();
        }
    }

    /// <summary>Seals the first bytes of a stored block again as a shorter block; false where the block is a hole. Precondition: the inode's lock.</summary>
    public bool TryReseal(Inode inode, ulong block, int length, out Extent extent)
    {
        if (!Extents.TryFrom(inode, block, out Extent old) || old.Block > block)
        {
            extent = default;
            return false;
        }
        Span<byte> plaintext = stackalloc byte[Extent.BlockSize];
        Open(inode, old.Slice(block, block + 1), plaintext);
        extent = Seal(inode, block, plaintext[..length]);
        return true;
    }

    /// <summary>Fills a buffer from a file; holes and what lies behind the last stored byte read as zeros. Takes the inode's lock itself, but not while it reads the disk.</summary>
    public void Read(Inode inode, ulong offset, Span<byte> buffer)
    {
        Span<Extent> pieces = stackalloc Extent[PiecesAtOnce];
        while (!buffer.IsEmpty)
        {
            ulong until = (offset + (ulong)buffer.Length + Extent.BlockSize - 1) / Extent.BlockSize;
            int count = Collect(inode, offset / Extent.BlockSize, until, pieces);
            ulong covered = count == PiecesAtOnce ? pieces[count - 1].End : until;
            int length = (int)Math.Min((ulong)buffer.Length, covered * Extent.BlockSize - offset);
            try
            {
                ReadPieces(inode, pieces[..count], offset, buffer[..length]);
            }
            catch (StoreException) when (Moved(inode, offset / Extent.BlockSize, until, pieces[..count]))
            {
                // The blocks went to another segment, or away, after they were collected: look again.
                continue;
            }
            offset += (ulong)length;
            buffer = buffer[length..];
        }
    }

    private int Collect(Inode inode, ulong from, ulong until, Span<Extent> pieces)
    {
        lock (inode)
        {
            int count = 0;
            for (ulong at = from; at < until && count < pieces.Length && Extents.TryFrom(inode, at, out Extent extent) && extent.Block < until; at = extent.End)
            {
                pieces[count++] = extent.Slice(Math.Max(from, extent.Block), Math.Min(until, extent.End));
            }
            return count;
        }
    }

    private bool Moved(Inode inode, ulong from, ulong until, ReadOnlySpan<Extent> pieces)
    {
        Span<Extent> now = stackalloc Extent[PiecesAtOnce];
        int count = Collect(inode, from, until, now);
        return !now[..count].SequenceEqual(pieces);
    }

    private void ReadPieces(Inode inode, ReadOnlySpan<Extent> pieces, ulong offset, Span<byte> buffer)
    {
        ulong end = offset + (ulong)buffer.Length;
        ulong at = offset;
        Span<byte> fetched = default;
        ulong salt = 0;
        for (int i = 0; i < pieces.Length; i++)
        {
            ref readonly Extent piece = ref pieces[i];
            ulong start = piece.Block * Extent.BlockSize;
            if (start > at)
            {
                buffer[(int)(at - offset)..(int)(Math.Min(start, end) - offset)].Clear();
                at = start;
            }
            if (at >= end)
            {
                return;
            }
            ulong stop = Math.Min(end, piece.End * Extent.BlockSize);
            if (fetched.IsEmpty)
            {
                fetched = Fetch(inode, pieces[i..], segments.SaltOf(piece.Segment), out salt);
            }
            Open(inode, piece, fetched[..piece.SealedBytes], salt, (int)(at - start), buffer[(int)(at - offset)..(int)(stop - offset)]);
            fetched = fetched[piece.SealedBytes..];
            at = stop;
        }
        buffer[(int)(at - offset)..].Clear();
    }

    /// <summary>Opens an extent into a buffer of at least its length.</summary>
    private void Open(Inode inode, in Extent extent, Span<byte> buffer) => Open(inode, extent, segments.SaltOf(extent.Segment), buffer);

    private void Open(Inode inode, in Extent extent, ulong? salt, Span<byte> buffer)
    {
        Span<byte> sealedBytes = Fetch(inode, [extent], salt, out ulong found);
        Open(inode, extent, sealedBytes, found, 0, buffer);
    }

    /// <summary>
    /// Reads the first of some extents from the disk, and with it those of the next that lie right behind it in its segment: blocks that were appended one by one
    /// cost one call.
    /// </summary>
    /// <returns>For each of them its blocks, then its tags. Valid until the thread's next fetch.</returns>
    private Span<byte> Fetch(Inode inode, ReadOnlySpan<Extent> extents, ulong? salt, out ulong found)
    {
        ref readonly Extent first = ref extents[0];
        int length = first.SealedBytes;
        for (int i = 1; i < extents.Length && extents[i - 1].IsWhole && extents[i].IsWhole && extents[i].Segment == first.Segment && extents[i].Offset == first.Offset + (long)length; i++)
        {
            length += extents[i].SealedBytes;
        }
        Span<byte> sealedBytes = Mine(inode).Sealed(length);
        SegmentFile segment = files.Get(first.Segment, salt);
        try
        {
            if (first.IsWhole)
            {
                segment.Read(sealedBytes, first.Offset);
            }
            else
            {
                segment.Read(sealedBytes[..first.DataBytes], first.Offset, sealedBytes[first.DataBytes..], first.Tags);
            }
        }
        finally
        {
            segment.Release();
        }
        found = segment.Salt;
        return sealedBytes;
    }

    /// <summary>Opens a fetched extent into a buffer, beginning <paramref name="skip"/> bytes into it (less than a block).</summary>
    private void Open(Inode inode, in Extent extent, ReadOnlySpan<byte> sealedBytes, ulong salt, int skip, Span<byte> buffer)
    {
        Scratch mine = Mine(inode);
        int plainLength = extent.DataBytes;
        var place = new BlockPlace(storeId, inode.Id, extent.Block, salt, extent.Offset);
        bool direct = skip == 0 && buffer.Length >= plainLength;
        Span<byte> plaintext = direct ? buffer[..plainLength] : mine.Plain(plainLength);
        if (!BlockSealer.Open(mine.Key, place, sealedBytes[..plainLength], sealedBytes[plainLength..], plaintext, out ulong bad))
        {
            buffer.Clear();
            throw StoreException.Damaged($"inode {inode.Id}: block {bad} in segment {extent.Segment:x16} is not authentic");
        }
        if (direct)
        {
            buffer[plainLength..].Clear();
        }
        else
        {
            ReadOnlySpan<byte> wanted = plaintext[Math.Min(skip, plainLength)..];
            wanted = wanted[..Math.Min(wanted.Length, buffer.Length)];
            wanted.CopyTo(buffer);
            buffer[wanted.Length..].Clear();
        }
    }

    /// <summary>Seals an extent of at most <see cref="MaxRequest"/> bytes again at a new place, for the cleaner; false if it cannot be read. What cannot be written throws.</summary>
    public bool TryCopy(Inode inode, in Extent extent, out Extent copy)
    {
        Span<byte> plaintext = MergeBuffer(extent.DataBytes);
        try
        {
            Open(inode, extent, plaintext);
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            copy = default;
            return false;
        }
        copy = Seal(inode, extent.Block, plaintext);
        return true;
    }

    /// <summary>Whether every block of an extent is there and authentic; for replay after a power loss and for fsck.</summary>
    /// <param name="inode">Only its id and salt are read.</param>
    /// <param name="extent">Need not be in the inode's map.</param>
    /// <param name="salt">What the segment's record says; null for a segment that has none yet.</param>
    public bool IsAuthentic(Inode inode, in Extent extent, ulong? salt)
    {
        Span<byte> plaintext = MergeBuffer(MaxRequest);
        for (ulong block = extent.Block; block < extent.End; block += MaxRequest / Extent.BlockSize)
        {
            Extent part = extent.Slice(block, Math.Min(extent.End, block + MaxRequest / Extent.BlockSize));
            try
            {
                Open(inode, part, salt, plaintext[..part.DataBytes]);
            }
            catch (StoreException e) when (e.Error == Errno.EIO)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>A plaintext buffer of this thread, for merging partial blocks. Valid until the thread's next use of <see cref="Content"/> other than <see cref="Seal"/>.</summary>
    public static Span<byte> MergeBuffer(int length) => (scratch ??= new Scratch()).Merge(length);

    private Scratch Mine(Inode inode)
    {
        Scratch mine = scratch ??= new Scratch();
        if (mine.KeyOf != inode.Id || mine.Store != storeId)
        {
            mine.KeyOf = 0;
            fileMaster.DeriveInto(inode.Salt, KeyPurpose, mine.KeyFor(fileMaster));
            mine.KeyOf = inode.Id;
            mine.Store = storeId;
        }
        return mine;
    }

    private sealed class Scratch
    {
        private const int Slack = (MaxRequest / Extent.BlockSize + 2) * 16 + 2 * Extent.BlockSize;

        private NativeBuffer? sealedBuffer;
        private NativeBuffer? plainBuffer;
        private NativeBuffer? mergeBuffer;
        private Aead? key;

        public ulong KeyOf;
        public Guid Store;

        public Aead Key => key!;
        public Aead KeyFor(SecretKey master) => key ??= master.CreateAead();
        public Span<byte> Sealed(int length) => Take(ref sealedBuffer, length);
        public Span<byte> Plain(int length) => Take(ref plainBuffer, length);
        public Span<byte> Merge(int length) => Take(ref mergeBuffer, length);

        private static Span<byte> Take(ref NativeBuffer? buffer, int length)
        {
            buffer ??= new NativeBuffer(MaxRequest + Slack);
            return buffer.Span[..length];
        }
    }
}
