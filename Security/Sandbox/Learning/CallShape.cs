namespace ClawOS.Security.Sandbox.Learning;

/// <summary>Where in the arguments of a call a path stands and what the call does with it.</summary>
/// <param name="Folder">The argument with the descriptor of the folder that the path starts from; -1: the working folder.</param>
/// <param name="Path">The argument that points at the path.</param>
/// <param name="Use">What it does.</param>
/// <param name="FollowsLast">Whether a link at the end is followed.</param>
/// <param name="Flags">The argument whose AT_SYMLINK_NOFOLLOW says so instead; -1: none.</param>
internal readonly record struct CallShape(int Folder, int Path, PathUse Use, bool FollowsLast = true, int Flags = -1)
{
    private const PathUse Entry = PathUse.Change;
    private const ulong NoFollow = 0x100;

    /// <summary>Whether a link at the end is followed by a call with these arguments.</summary>
    internal bool Follows(IReadOnlyList<ulong> arguments) => Flags < 0 ? FollowsLast : (arguments[Flags] & NoFollow) == 0;

    /// <summary>Calls that name paths, those that open or start apart; by name, for every architecture.</summary>
    internal static IReadOnlyDictionary<string, CallShape[]> ByName { get; } = new Dictionary<string, CallShape[]>
    {
        ["stat"] = [new(-1, 0, PathUse.Look)],
        ["lstat"] = [new(-1, 0, PathUse.Look, false)],
        ["access"] = [new(-1, 0, PathUse.Look)],
        ["statfs"] = [new(-1, 0, PathUse.Look)],
        ["chdir"] = [new(-1, 0, PathUse.Look)],
        ["readlink"] = [new(-1, 0, PathUse.Look, false)],
        ["newfstatat"] = [new(0, 1, PathUse.Look, Flags: 3)],
        ["statx"] = [new(0, 1, PathUse.Look, Flags: 2)],
        ["faccessat"] = [new(0, 1, PathUse.Look)],
        ["faccessat2"] = [new(0, 1, PathUse.Look)],
        ["readlinkat"] = [new(0, 1, PathUse.Look, false)],
        ["getxattr"] = [new(-1, 0, PathUse.Look)],
        ["lgetxattr"] = [new(-1, 0, PathUse.Look, false)],
        ["listxattr"] = [new(-1, 0, PathUse.Look)],
        ["llistxattr"] = [new(-1, 0, PathUse.Look, false)],
        ["truncate"] = [new(-1, 0, PathUse.Write)],
        ["chmod"] = [new(-1, 0, PathUse.Write)],
        ["chown"] = [new(-1, 0, PathUse.Write)],
        ["lchown"] = [new(-1, 0, PathUse.Write, false)],
        ["utime"] = [new(-1, 0, PathUse.Write)],
        ["utimes"] = [new(-1, 0, PathUse.Write)],
        ["setxattr"] = [new(-1, 0, PathUse.Write)],
        ["lsetxattr"] = [new(-1, 0, PathUse.Write, false)],
        ["removexattr"] = [new(-1, 0, PathUse.Write)],
        ["fchmodat"] = [new(0, 1, PathUse.Write)],
        ["fchmodat2"] = [new(0, 1, PathUse.Write)],
        ["fchownat"] = [new(0, 1, PathUse.Write, Flags: 4)],
        ["utimensat"] = [new(0, 1, PathUse.Write, Flags: 3)],
        ["mkdir"] = [new(-1, 0, Entry, false)],
        ["rmdir"] = [new(-1, 0, Entry, false)],
        ["unlink"] = [new(-1, 0, Entry, false)],
        ["mknod"] = [new(-1, 0, Entry, false)],
        ["mkdirat"] = [new(0, 1, Entry, false)],
        ["unlinkat"] = [new(0, 1, Entry, false)],
        ["mknodat"] = [new(0, 1, Entry, false)],
        ["rename"] = [new(-1, 0, Entry, false), new(-1, 1, Entry, false)],
        ["renameat"] = [new(0, 1, Entry, false), new(2, 3, Entry, false)],
        ["renameat2"] = [new(0, 1, Entry, false), new(2, 3, Entry, false)],
        ["link"] = [new(-1, 0, PathUse.Read, false), new(-1, 1, Entry, false)],
        ["linkat"] = [new(0, 1, PathUse.Read, false), new(2, 3, Entry, false)],
        ["symlink"] = [new(-1, 1, Entry, false)],
        ["symlinkat"] = [new(1, 2, Entry, false)],
    };
}
