using System.Runtime.InteropServices;

namespace ClawFS.Fuse.Wire;

// Requests about names; the name itself follows each, ended by NUL.

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct ForgetIn
{
    internal ulong Count;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct BatchForgetIn
{
    internal uint Count;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct ForgetOne
{
    internal ulong Node;
    internal ulong Count;
}

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct MkNodIn
{
    /// <summary>The umask has been applied: DONT_MASK is not negotiated.</summary>
    internal uint Mode;
    internal uint Rdev;
    internal uint Umask;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct MkDirIn
{
    internal uint Mode;
    internal uint Umask;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct RenameIn
{
    internal ulong NewParent;
}

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct Rename2In
{
    internal ulong NewParent;
    internal uint Flags;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct LinkIn
{
    internal ulong Node;
}

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct CreateIn
{
    internal int Flags;
    internal uint Mode;
    internal uint Umask;
    internal uint OpenFlags;
}

/// <summary>fuse_setxattr_in without SETXATTR_EXT, which is not negotiated; name and value follow.</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct SetXattrIn
{
    internal uint Size;
    internal int Flags;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct GetXattrIn
{
    internal uint Size;
    internal uint Padding;
}
