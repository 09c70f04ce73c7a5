namespace ClawOS.Mount.Tests.Model;

/// <summary>An operation with its arguments drawn: the same on each side. The answer is what the sides must agree on.</summary>
internal sealed record ModelOperation(string Text, Func<ModelSide, string> Run);

/// <summary>
/// Draws operations from a seed. Three of four paths are ones that fit (a file to write, a folder to make something in), as far as
/// <see cref="Known"/> is still true; the others are any name of a small set, so that errors come too.
/// </summary>
internal sealed partial class OperationGenerator(Random random)
{
    private const int MaxSize = 300_000;

    /// <summary>Above this many names, removals take the place of half of all operations.</summary>
    private const int Crowded = 200;
    private static readonly string[] s_folders = ["", "d0/", "d1/", "d0/d0/", "d0/d1/", "d1/d0/", "d1/d0/d0/"];
    private static readonly string[] s_names = ["a", "b", "c", "e", "f", "d0", "d1", "long-name-\xff-"];

    /// <summary>The names in the plain folder, refreshed now and then.</summary>
    public KnownPaths Known { get; set; } = KnownPaths.None;

    public ModelOperation Next()
    {
        if (Known.All.Length > Crowded && random.Next(2) == 0)
            return random.Next(3) == 0 ? RemoveFolder(Fitting(Known.Folders)) : Unlink(Fitting(Known.All));
        return random.Next(100) switch
        {
            < 9 => Create(Free()),
            < 23 => Write(Fitting(Known.Files)),
            < 28 => Append(Fitting(Known.Files)),
            < 32 => Truncate(Fitting(Known.Files)),
            < 40 => Rename(Fitting(Known.All)),
            < 44 => Link(Fitting(Known.Files)),
            < 49 => Unlink(Fitting(Known.All)),
            < 53 => MakeFolder(Free()),
            < 56 => RemoveFolder(Fitting(Known.Folders)),
            < 58 => SymLink(Free()),
            < 61 => ChangeMode(Fitting(Known.All)),
            < 63 => ChangeOwner(Fitting(Known.All)),
            < 66 => SetTimes(Fitting(Known.All)),
            < 71 => Xattr(Fitting(Known.All)),
            < 76 => Punch(Fitting(Known.Files)),
            < 78 => Sync(Fitting(Known.Files)),
            < 82 => Read(Fitting(Known.Files)),
            < 85 => List(Fitting(Known.All)),
            < 88 => CopyRange(Fitting(Known.Files)),
            < 91 => HoldOpen(Fitting(Known.Files)),
            < 99 => UseHeld(),
            _ => MakeFifo(Free()),
        };
    }

    private string Fitting(string[] paths) => paths.Length == 0 || random.Next(4) == 0 ? AnyPath() : paths[random.Next(paths.Length)];

    // A name in a folder that exists; the name itself may be taken.
    private string Free() => Known.Folders.Length == 0 || random.Next(4) == 0
        ? AnyPath()
        : $"{Known.Folders[random.Next(Known.Folders.Length)]}/{Name()}";

    private string AnyPath() => s_folders[random.Next(s_folders.Length)] + Name();

    private string Name()
    {
        string name = s_names[random.Next(s_names.Length)];
        return random.Next(40) == 0 ? name + new string('n', random.Next(200, 260)) : name;
    }

    private static string Show(string path) => path.Length < 60 ? path : $"{path[..40]}...({path.Length})";
}
