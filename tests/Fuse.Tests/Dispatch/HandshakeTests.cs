using ClawFS.Fuse;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;
using static Fuse.Tests.Dispatch.RequestBytes;

namespace Fuse.Tests.Dispatch;

public sealed class HandshakeTests
{
    private readonly RecordingSink sink = new();

    /// <summary>An INIT as a kernel of that minor version sends it: 16 bytes of body before 7.36, 64 since.</summary>
    private static byte[] Init(uint minor, ulong features, uint readahead = 128 << 10) => minor < 36
        ? Make(FuseOpcode.Init, 1, 0, 7u, minor, readahead, (uint)features)
        : Make(FuseOpcode.Init, 1, 0, 7u, minor, readahead, (uint)features, (uint)(features >> 32), new byte[44]);

    private const ulong All31 = 0x07FF_FFFF, All36 = 0x1_7FFF_FFFF | 0x2_0000_0000, All38 = All36 | 0xC_0000_0000,
        All39 = All38 | 0x10_0000_0000, All45 = All39 | 0x7E0_0000_0000, FoldersWithoutOpen = (1 << 24) | (1 << 12);

    public static TheoryData<uint, ulong, uint, ulong> Kernels => new()
    {
        // minor, offered, answered minor, agreed
        { 31, All31, 31, (ulong)FuseHandshake.Wanted & All31 & ~FoldersWithoutOpen },
        { 36, All36, 36, (ulong)FuseHandshake.Wanted & All36 & ~FoldersWithoutOpen },
        { 38, All38, 38, (ulong)FuseHandshake.Wanted & All38 & ~FoldersWithoutOpen },
        { 39, All39, 39, (ulong)FuseHandshake.Wanted & All39 & ~FoldersWithoutOpen },
        { 43, All45, 43, (ulong)FuseHandshake.Wanted & All45 & ~FoldersWithoutOpen },
        { 44, All45, 44, (ulong)FuseHandshake.Wanted & All45 },
        { 45, All45 | (1UL << 39), 45, (ulong)FuseHandshake.Wanted },
        { 60, ulong.MaxValue, 45, (ulong)FuseHandshake.Wanted },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Each_kernel_gets_what_it_offers_of_what_is_wanted(uint minor, ulong offered, uint answered, ulong agreed)
    {
        FuseSession? session = FuseHandshake.Answer(Init(minor, offered), new FuseOptions(), sink);
        Assert.NotNull(session);
        Assert.Equal(answered, session.Minor);
        Assert.Equal((FuseFeatures)agreed, session.Features);
        Assert.Equal(minor >= 39, session.Features.HasFlag(FuseFeatures.DirectIoAllowMmap));
        Assert.Equal(minor >= 40, session.Features.HasFlag(FuseFeatures.HasResend));
        Assert.Equal(minor >= 44, session.FoldersNeedNoOpen);
        Assert.True(sink.Replies.TryDequeue(out Reply? reply));
        Assert.Equal(0, reply.Error);
        byte[] expected = Bytes(7u, answered, (uint)(128 << 10), (uint)agreed, (ushort)64, (ushort)48, (uint)(1 << 20), 1u,
            (ushort)256, (ushort)0, (uint)(agreed >> 32), 0u, new byte[24]);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(reply.Payload));
    }

    [Fact]
    public void Locks_acls_and_opens_of_files_without_a_message_are_never_asked_for()
    {
        const ulong PosixLocks = 1 << 1, ExportSupport = 1 << 4, FlockLocks = 1 << 10, NoOpen = 1 << 17, PosixAcl = 1 << 20;
        Assert.Equal(0UL, (ulong)FuseHandshake.Wanted & (PosixLocks | ExportSupport | FlockLocks | NoOpen | PosixAcl));
    }

    [Theory]
    [InlineData(1UL << 24)]
    [InlineData(1UL << 12)]
    public void Folders_are_opened_by_requests_where_the_kernel_lacks_a_part_of_the_other_way(ulong lacking)
    {
        FuseSession? session = FuseHandshake.Answer(Init(45, All45 & ~lacking), new FuseOptions(), sink);
        Assert.Equal(0UL, (ulong)session!.Features & FoldersWithoutOpen);
        session = FuseHandshake.Answer(Init(45, All45), new FuseOptions { Without = (FuseFeatures)lacking }, sink);
        Assert.Equal(0UL, (ulong)session!.Features & FoldersWithoutOpen);
    }

    [Fact]
    public void High_flags_without_the_bit_that_announces_them_do_not_count()
    {
        FuseSession? session = FuseHandshake.Answer(Init(45, All45 & ~(1UL << 30)), new FuseOptions(), sink);
        Assert.Equal(0UL, (ulong)session!.Features >> 32);
    }

    [Fact]
    public void Without_max_pages_a_request_has_128_KiB()
    {
        FuseSession? session = FuseHandshake.Answer(Init(45, All45), new FuseOptions { Without = FuseFeatures.MaxPages }, sink);
        Assert.Equal((128u << 10, (ushort)32), (session!.MaxWrite, session.MaxPages));
    }

    [Fact]
    public void A_feature_can_be_left_out()
    {
        FuseSession? session = FuseHandshake.Answer(Init(45, All45), new FuseOptions { Without = FuseFeatures.WritebackCache }, sink);
        Assert.False(session!.Features.HasFlag(FuseFeatures.WritebackCache));
    }

    [Fact]
    public void A_kernel_before_7_31_is_refused_with_its_version()
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => FuseHandshake.Answer(Init(30, All31), new FuseOptions(), sink));
        Assert.Contains("7.30", error.Message, StringComparison.Ordinal);
        Assert.Equal(-(int)Errno.EPROTO, sink.Replies.Single().Error);
    }

    [Fact]
    public void A_newer_major_version_is_asked_to_come_down()
    {
        byte[] request = Make(FuseOpcode.Init, 1, 0, 8u, 1u, 0u, 0u, new byte[48]);
        Assert.Null(FuseHandshake.Answer(request, new FuseOptions(), sink));
        Assert.True(sink.Replies.TryDequeue(out Reply? reply));
        Assert.Equal(0, reply.Error);
        Assert.Equal(Bytes(7u, 45u, new byte[56]), reply.Payload);
    }

    [Fact]
    public void Anything_before_init_is_EIO()
    {
        Assert.Null(FuseHandshake.Answer(Make(FuseOpcode.GetAttr, 2, 1, 0u, 0u, 0UL), new FuseOptions(), sink));
        Assert.Equal(-(int)Errno.EIO, sink.Replies.Single().Error);
        Assert.Null(FuseHandshake.Answer([1, 2, 3], new FuseOptions(), sink));
        Assert.Single(sink.Replies);
    }

    [Fact]
    public void A_session_survives_being_written_and_read()
    {
        FuseSession session = FuseHandshake.Answer(Init(45, ulong.MaxValue), new FuseOptions(), sink)!;
        Assert.Equal(session, FuseSession.FromBytes(session.ToBytes()));
        Assert.Throws<InvalidDataException>(() => FuseSession.FromBytes(session.ToBytes()[1..]));
        byte[] other = session.ToBytes();
        other[0] = 99;
        Assert.Throws<InvalidDataException>(() => FuseSession.FromBytes(other));
    }
}
