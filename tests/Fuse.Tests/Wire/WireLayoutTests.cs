using System.Runtime.InteropServices;
using ClawFS.Fuse.Wire;

namespace Fuse.Tests.Wire;

public sealed class WireLayoutTests
{
    /// <summary>Sizes in bytes as include/uapi/linux/fuse.h has them (7.45).</summary>
    public static TheoryData<Type, int> Sizes => new()
    {
        { typeof(InHeader), 40 },
        { typeof(OutHeader), 16 },
        { typeof(InitIn), 16 },
        { typeof(InitInExtension), 48 },
        { typeof(InitOut), 64 },
        { typeof(FuseAttr), 88 },
        { typeof(EntryOut), 128 },
        { typeof(AttrOut), 104 },
        { typeof(OpenOut), 16 },
        { typeof(CreateOut), 144 },
        { typeof(StatFsOut), 80 },
        { typeof(StatxOut), 288 },
        { typeof(FuseStatx), 256 },
        { typeof(Dirent), 24 },
        { typeof(CountOut), 8 },
        { typeof(GetXattrOut), 8 },
        { typeof(SeekOut), 8 },
        { typeof(PollOut), 8 },
        { typeof(ForgetIn), 8 },
        { typeof(BatchForgetIn), 8 },
        { typeof(ForgetOne), 16 },
        { typeof(GetAttrIn), 16 },
        { typeof(StatxIn), 24 },
        { typeof(SetAttrIn), 88 },
        { typeof(MkNodIn), 16 },
        { typeof(MkDirIn), 8 },
        { typeof(RenameIn), 8 },
        { typeof(Rename2In), 16 },
        { typeof(LinkIn), 8 },
        { typeof(OpenIn), 8 },
        { typeof(CreateIn), 16 },
        { typeof(ReadIn), 40 },
        { typeof(WriteIn), 40 },
        { typeof(FlushIn), 24 },
        { typeof(ReleaseIn), 24 },
        { typeof(FsyncIn), 16 },
        { typeof(SetXattrIn), 8 },
        { typeof(GetXattrIn), 8 },
        { typeof(FallocateIn), 32 },
        { typeof(SeekIn), 24 },
        { typeof(CopyFileRangeIn), 56 },
        { typeof(PollIn), 24 },
        { typeof(InterruptIn), 8 },
        { typeof(NotifyPoll), 8 },
        { typeof(NotifyInode), 24 },
        { typeof(NotifyEntry), 16 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_wire_struct_has_the_published_size(Type type, int size) => Assert.Equal(size, Marshal.SizeOf(type));

    [Fact]
    public void Every_wire_struct_is_in_the_table()
    {
        IEnumerable<Type> structs = typeof(InHeader).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(InHeader).Namespace && t.IsValueType && !t.IsEnum && t.StructLayoutAttribute?.Size > 0
                && t.Name is not nameof(WireReader) and not nameof(StatxTime));
        Assert.Equal(
            structs.Select(t => t.Name).Order(),
            Sizes.Select(row => row.Data.Item1.Name).Order());
    }

    [Theory]
    [InlineData(typeof(InHeader), nameof(InHeader.ExtensionUnits), 36)]
    [InlineData(typeof(InitOut), nameof(InitOut.MaxWrite), 20)]
    [InlineData(typeof(InitOut), nameof(InitOut.MaxPages), 28)]
    [InlineData(typeof(InitOut), nameof(InitOut.Flags2), 32)]
    [InlineData(typeof(FuseAttr), nameof(FuseAttr.Mode), 60)]
    [InlineData(typeof(EntryOut), nameof(EntryOut.Attr), 40)]
    [InlineData(typeof(AttrOut), nameof(AttrOut.Attr), 16)]
    [InlineData(typeof(SetAttrIn), nameof(SetAttrIn.Mode), 68)]
    [InlineData(typeof(SetAttrIn), nameof(SetAttrIn.Uid), 76)]
    [InlineData(typeof(ReadIn), nameof(ReadIn.Size), 16)]
    [InlineData(typeof(WriteIn), nameof(WriteIn.WriteFlags), 20)]
    [InlineData(typeof(FuseStatx), nameof(FuseStatx.Ino), 32)]
    [InlineData(typeof(FuseStatx), nameof(FuseStatx.Atime), 64)]
    [InlineData(typeof(FuseStatx), nameof(FuseStatx.RdevMajor), 128)]
    [InlineData(typeof(StatFsOut), nameof(StatFsOut.BlockSize), 40)]
    public void A_field_lies_where_the_kernel_has_it(Type type, string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf(type, field));
}
