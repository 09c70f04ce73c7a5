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
    /// <summary>Most bytes up to the end of the last blocks of one call to the disk.</summary>
    private const int MaxFetch = MaxRequest + 8 * Extent.BlockSize;
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
        Fetched fetched = default;
        int behind = 0;
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
            if (i == behind)
            {
                fetched = Fetch(inode, pieces[i..], segments.SaltOf(piece.Segment), out int count);
                behind = i + count;
            }
            Open(inode, piece, fetched, (int)(at - start), buffer[(int)(at - offset)..(int)(stop - offset)]);
            at = stop;
        }
        buffer[(int)(at - offset)..].Clear();
    }

    /// <summary>Opens an extent into a buffer of at least its length.</summary>
    private void Open(Inode inode, in Extent extent, Span<byte> buffer) => Open(inode, extent, segments.SaltOf(extent.Segment), buffer);

    private void Open(Inode inode, in Extent extent, ulong? salt, Span<byte> buffer)
    {
        Open(inode, extent, Fetch(inode, [extent], salt, out _), 0, buffer);
    }

    /// <summary>
    /// Reads the first of some extents from the disk, and with it those that follow it closely in its segment, in one call: what was written one after the other is
    /// mostly read so. Only the tags of the last one may lie further off. Tells how many are read; the bytes are valid until the thread's next fetch.
    /// </summary>
    private Fetched Fetch(Inode inode, ReadOnlySpan<Extent> extents, ulong? salt, out int count)
    {
        uint start = extents[0].Offset;
        uint end = start;
        count = 0;
        do
        {
            end = extents[count].HasTagsNear ? extents[count].Tags + (uint)extents[count].TagBytes : extents[count].Offset + (uint)extents[count].DataBytes;
        }
        while (extents[count++].HasTagsNear && count < extents.Length && extents[count].Segment == extents[0].Segment && extents[count].Offset >= end
            && extents[count].Offset - end < Extent.BlockSize && extents[count].Offset - start + (uint)extents[count].DataBytes <= MaxFetch);
        ref readonly Extent last = ref extents[count - 1];
        int length = (int)(end - start);
        int far = last.HasTagsNear ? 0 : last.TagBytes;
        Span<byte> bytes = Mine(inode).Sealed(length + far);
        SegmentFile segment = files.Get(extents[0].Segment, salt);
        try
        {
            if (far == 0)
            {
                segment.Read(bytes, start);
            }
            else
            {
                segment.Read(bytes[..length], start, bytes[length..], last.Tags);
            }
        }
        finally
        {
            segment.Release();
        }
        return new() { Salt = segment.Salt, Start = start, Bytes = bytes[..length], FarTags = bytes[length..] };
    }

    /// <summary>Opens a fetched extent into a buffer, beginning <paramref name="skip"/> bytes into it (less than a block).</summary>
    private void Open(Inode inode, in Extent extent, in Fetched fetched, int skip, Span<byte> buffer)
    {
        Scratch mine = Mine(inode);
        int plainLength = extent.DataBytes;
        var place = new BlockPlace(storeId, inode.Id, extent.Block, fetched.Salt, extent.Offset);
        ReadOnlySpan<byte> blocks = fetched.Bytes.Slice((int)(extent.Offset - fetched.Start), plainLength);
        ReadOnlySpan<byte> tags = extent.HasTagsNear ? fetched.Bytes.Slice((int)(extent.Tags - fetched.Start), extent.TagBytes) : fetched.FarTags;
        bool direct = skip == 0 && buffer.Length >= plainLength;
        Span<byte> plaintext = direct ? buffer[..plainLength] : mine.Plain(plainLength);
        if (!BlockSealer.Open(mine.Key, place, blocks, tags, plaintext, out ulong bad))
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

    /// <summary>Sealed bytes of some extents as they lie in their segment, and the tags of the last one where they lie further off.</summary>
    private readonly ref struct Fetched
    {
        public required ulong Salt { get; init; }
        public required uint Start { get; init; }
        public required ReadOnlySpan<byte> Bytes { get; init; }
        public required ReadOnlySpan<byte> FarTags { get; init; }
    }

    private sealed class Scratch
    {
        /// <summary>For data that begin and end within blocks, for tags, and for what lies between runs: <see cref="MaxFetch"/> and the tags that follow.</summary>
        private const int Slack = 12 * Extent.BlockSize;

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
