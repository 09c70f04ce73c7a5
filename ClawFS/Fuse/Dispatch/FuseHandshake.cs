using ClawFS.Fuse.Wire;
using ClawFS.Linux;

namespace ClawFS.Fuse.Dispatch;

/// <summary>
/// Negotiates INIT: protocol 7.31 (Linux 5.4) and later, as far as 7.45 (Linux 6.18). POSIX_LOCKS and FLOCK_LOCKS stay unset, so that
/// the kernel keeps locks by itself, which is right for a file system of one host. NO_OPEN stays unset because opens of files are events and
/// generated files are not cached. POSIX_ACL stays unset: ACLs are refused.
/// </summary>
internal static class FuseHandshake
{
    internal const uint Major = 7, OldestMinor = 31, NewestMinor = 45;

    /// <summary>
    /// From here on (Linux 6.16) the kernel can be told to ask again for all names. Where it cannot, folders go on being opened by requests: a locked successor
    /// could not keep it from listing what it has cached.
    /// </summary>
    internal const uint MinorWithEpochs = 44;

    private const FuseFeatures FoldersWithoutOpen = FuseFeatures.NoOpenDirSupport | FuseFeatures.AutoInvalData;

    private const int PageSize = 4096;
    private const ushort MaxBackground = 64, CongestionThreshold = 48;

    /// <summary>Without MAX_PAGES a request has at most 32 pages.</summary>
    private const int PagesWithoutLimit = 32;

    internal const FuseFeatures Wanted = FuseFeatures.AsyncRead | FuseFeatures.AtomicOTrunc | FuseFeatures.BigWrites
        | FuseFeatures.DoReadDirPlus | FuseFeatures.ReadDirPlusAuto | FuseFeatures.AsyncDio | FuseFeatures.WritebackCache
        | FuseFeatures.ParallelDirops | FuseFeatures.MaxPages | FuseFeatures.CacheSymlinks | FuseFeatures.HandleKillPrivV2
        | FuseFeatures.InitExt | FuseFeatures.DirectIoAllowMmap | FuseFeatures.HasResend | FoldersWithoutOpen;

    /// <summary>
    /// Answers one message before the session exists. Returns the session once INIT is agreed on; null means wait for another message,
    /// because this one was no INIT, or came from a kernel with a newer major version that now asks again.
    /// </summary>
    /// <exception cref="NotSupportedException">The kernel is too old; it has been told so.</exception>
    internal static FuseSession? Answer(ReadOnlySpan<byte> message, FuseOptions options, ReplySink sink)
    {
        if (!WireStruct.TryRead(message, out InHeader header))
            return null;

        ReadOnlySpan<byte> body = message[InHeader.ByteSize..];
        if (header.Opcode != FuseOpcode.Init || !WireStruct.TryRead(body, out InitIn offer))
        {
            ReplyWire.Send(sink, header.Unique, Errno.EIO, default);
            return null;
        }

        if (offer.Major < Major || (offer.Major == Major && offer.Minor < OldestMinor))
        {
            ReplyWire.Send(sink, header.Unique, Errno.EPROTO, default);
            throw new NotSupportedException($"The kernel speaks FUSE {offer.Major}.{offer.Minor}; 7.{OldestMinor} (Linux 5.4) is the oldest that works.");
        }

        FuseSession? session = offer.Major > Major ? null : Agree(offer, body[16..], options);
        Span<byte> reply = stackalloc byte[64];
        WireStruct.Write(reply, session is null ? new InitOut { Major = Major, Minor = NewestMinor } : ToReply(session));
        ReplyWire.Send(sink, header.Unique, Errno.Ok, reply);
        return session;
    }

    private static FuseSession Agree(in InitIn offer, ReadOnlySpan<byte> more, FuseOptions options)
    {
        ulong offered = offer.Flags;
        if (((FuseFeatures)offered).HasFlag(FuseFeatures.InitExt) && WireStruct.TryRead(more, out InitInExtension extension))
        {
            offered |= (ulong)extension.Flags2 << 32;
        }

        FuseFeatures features = Wanted & ~options.Without & (FuseFeatures)offered;
        if (offer.Minor < MinorWithEpochs || (features & FoldersWithoutOpen) != FoldersWithoutOpen)
        {
            features &= ~FoldersWithoutOpen;
        }

        int pages = features.HasFlag(FuseFeatures.MaxPages) ? options.MaxWrite / PageSize : PagesWithoutLimit;
        return new FuseSession
        {
            Minor = Math.Min(offer.Minor, NewestMinor),
            Features = features,
            MaxWrite = (uint)(pages * PageSize),
            MaxReadahead = Math.Min(offer.MaxReadahead, (uint)options.MaxWrite),
            MaxPages = (ushort)pages,
            MaxBackground = MaxBackground,
        };
    }

    private static InitOut ToReply(FuseSession session) => new()
    {
        Major = Major,
        Minor = session.Minor,
        MaxReadahead = session.MaxReadahead,
        Flags = (uint)session.Features,
        Flags2 = (uint)((ulong)session.Features >> 32),
        MaxBackground = session.MaxBackground,
        CongestionThreshold = CongestionThreshold,
        MaxWrite = session.MaxWrite,
        TimeGranularity = 1,
        MaxPages = session.Features.HasFlag(FuseFeatures.MaxPages) ? session.MaxPages : (ushort)0,
    };
}
