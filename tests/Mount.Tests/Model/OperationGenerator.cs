namespace ClawOS.Mount.Tests.Model;

/// <summary>An operation with its arguments drawn: the same on each side. The answer is what the sides must agree on.</summary>
internal sealed record ModelOperation(string Text, Func<ModelSide, string> Run);

/// <summary>
/// Draws operations from a seed. Paths come from a small set, so that many operations meet: a name may be a file, a folder, a link
/// or missing, and errors are as frequent as successes.
/// </summary>
internal sealed partial class OperationGenerator(Random random)
{
    private const int MaxSize = 300_000;
    private static readonly string[] s_folders = ["", "d0/", "d1/", "d0/d0/", "d0/d1/", "d1/d0/", "d1/d0/d0/"];
    private static readonly string[] s_names = ["a", "b", "c", "e", "f", "d0", "d1", "long-name-\xff-"];

    public ModelOperation Next()
    {
        string path = Path();
        return random.Next(100) switch
        {
            < 8 => Create(path),
            < 22 => Write(path),
            < 27 => Append(path),
            < 31 => Truncate(path),
            < 39 => Rename(path),
            < 43 => Link(path),
            < 49 => Unlink(path),
            < 54 => MakeFolder(path),
            < 57 => RemoveFolder(path),
            < 60 => SymLink(path),
            < 63 => ChangeMode(path),
            < 65 => ChangeOwner(path),
            < 68 => SetTimes(path),
            < 73 => Xattr(path),
            < 77 => Punch(path),
            < 79 => Sync(path),
            < 83 => Read(path),
            < 86 => List(path),
            < 88 => CopyRange(path),
            < 91 => HoldOpen(path),
            < 99 => UseHeld(),
            _ => MakeFifo(path),
        };
    }

    private string Path()
    {
        string name = s_names[random.Next(s_names.Length)];
        if (random.Next(40) == 0)
            name += new string('n', random.Next(200, 260));
        return s_folders[random.Next(s_folders.Length)] + name;
    }

    private static string Show(string path) => path.Length < 60 ? path : $"{path[..40]}...({path.Length})";
}
