using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>
/// Makes, links, renames and removes names as fast as it can; a symbolic link's target says which one it is. fs answers such calls itself, so not even the loss
/// of a mount may take one back; a change that was applied twice fails.
/// </summary>
internal sealed class NameWriter(string folder, int seed) : CrashWriter(seed)
{
    private const int Names = 60;
    private const string Folder = "/";
    private readonly Dictionary<string, string> _names = [];
    private readonly List<(string Name, string? Other)> _open = [];
    private long _number;

    public override void Check(bool mountLost, List<string> wrong)
    {
        Dictionary<string, string> found = Directory.Exists(folder)
            ? Directory.EnumerateFileSystemEntries(folder).ToDictionary(p => Path.GetFileName(p), p => new FileInfo(p).LinkTarget ?? Folder)
            : [];
        foreach ((string name, string? other) in _open)
        {
            // The call that failed: done or not.
            if (found.GetValueOrDefault(name) == other)
                Set(name, other);
        }
        _open.Clear();
        foreach (string name in _names.Keys.Union(found.Keys).Where(n => _names.GetValueOrDefault(n) != found.GetValueOrDefault(n)))
            wrong.Add($"{folder}/{name} is {found.GetValueOrDefault(name) ?? "missing"}, should be {_names.GetValueOrDefault(name) ?? "missing"}");
    }

    protected override void Begin() => Directory.CreateDirectory(folder);

    protected override bool Step()
    {
        string a = $"n{Random.Next(Names)}", b = $"n{Random.Next(Names)}";
        string? atA = _names.GetValueOrDefault(a), atB = _names.GetValueOrDefault(b);
        string number = $"t{_number++}";
        return (atA, atB) switch
        {
            _ when a == b => true,
            (null, _) when Random.Next(6) == 0 => Change("mkdir", () => Sys.MkDir(At(a), 0b111_101_101), (a, Folder)),
            (null, _) => Change("symlink", () => Sys.SymLink(number, At(a)), (a, number)),
            (Folder, null) => Change("rename", () => Sys.Rename(At(a), At(b)), (a, null), (b, Folder)),
            (Folder, _) => Change("rmdir", () => Sys.RmDir(At(a)), (a, null)),
            (_, Folder) => Change("exchange", () => Sys.Rename(At(a), At(b), 2), (a, atB), (b, atA)),
            (_, null) when Random.Next(2) == 0 => Change("link", () => Sys.Link(At(a), At(b)), (b, atA)),
            (_, not null) when atA == atB => Change("unlink", () => Sys.Unlink(At(a)), (a, null)),
            _ when Random.Next(3) == 0 => Change("unlink", () => Sys.Unlink(At(a)), (a, null)),
            _ => Change("rename", () => Sys.Rename(At(a), At(b)), (a, null), (b, atA)),
        };
    }

    private bool Change(string what, Func<Reply> change, params ReadOnlySpan<(string Name, string? Value)> after)
    {
        _open.Clear();
        _open.AddRange(after);
        if (!Done(change(), $"{what} of {after[0].Name}"))
            return false;
        foreach ((string name, string? value) in after)
            Set(name, value);
        _open.Clear();
        return true;
    }

    private void Set(string name, string? value)
    {
        if (value is null)
            _names.Remove(name);
        else
            _names[name] = value;
    }

    private string At(string name) => $"{folder}/{name}";
}
