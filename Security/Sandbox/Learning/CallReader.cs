using System.Buffers.Binary;
using System.Net;
using ClawFS.Linux;
using ClawOS.Security.Sandbox.Views;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>Reads what a call is about: its name, the files, the program or the host that it names. The caller stands still meanwhile; what it says is not believed beyond being recorded.</summary>
/// <param name="workspace">The folder of the machine that is in the sandbox even below its own scratch space.</param>
internal sealed class CallReader(string workspace)
{
    private const int WorkingFolder = -100, MapExecutable = 4;
    private const int AccessMode = 3, WriteOnly = 1, ReadAndWrite = 2, Truncate = 0x200, Create = 0x40, PathOnly = 0x200000;
    private const int Inet = 2, Inet6 = 10;
    private const int MaxWords = 256;
    private readonly SyscallTable table = SyscallTable.For(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture);

    /// <summary>The name of a call; "#1000" for a number without one.</summary>
    internal string NameOf(SupervisedCall call) => table.NameOf(call.Number) ?? $"#{call.Number}";

    /// <summary>What a call does to files of the machine.</summary>
    internal IEnumerable<(string Path, PathUse Use)> Files(SupervisedCall call, string name)
    {
        switch (name)
        {
            case "open":
                return Opened(PathOf(call, -1, 0), call.Arguments[1]);
            case "creat":
                return Opened(PathOf(call, -1, 0), WriteOnly | Create | Truncate);
            case "openat":
                return Opened(PathOf(call, 0, 1), call.Arguments[2]);
            case "openat2":
                byte[] how = new byte[sizeof(ulong)];
                return CallListener.ReadMemory(call, call.Arguments[2], how) == how.Length ? Opened(PathOf(call, 0, 1), BinaryPrimitives.ReadUInt64LittleEndian(how)) : [];
            case "execve":
                return Used(PathOf(call, -1, 0), PathUse.Execute | PathUse.Read | PathUse.Launch, followLast: true);
            case "execveat":
                return Used(PathOf(call, 0, 1), PathUse.Execute | PathUse.Read | PathUse.Launch, followLast: true);
            case "mmap" when (call.Arguments[2] & MapExecutable) != 0 && (int)call.Arguments[4] >= 0:
                return LinkOf(call, $"fd/{(int)call.Arguments[4]}") is { } mapped ? Used(mapped, PathUse.Execute | PathUse.Read, followLast: true) : [];
            default:
                return CallShape.ByName.TryGetValue(name, out CallShape[]? shapes)
                    ? shapes.SelectMany(shape => Used(PathOf(call, shape.Folder, shape.Path), shape.Use, shape.Follows(call.Arguments)))
                    : [];
        }
    }

    /// <summary>The words behind the program's name that a call starts it with; null when it starts none.</summary>
    internal static IReadOnlyList<string>? WordsOf(SupervisedCall call, string name)
    {
        if (name is not ("execve" or "execveat"))
        {
            return null;
        }

        List<string> words = [];
        byte[] pointer = new byte[sizeof(ulong)];
        ulong at = call.Arguments[name == "execve" ? 1 : 2];
        while (words.Count < MaxWords && CallListener.ReadMemory(call, at + ((ulong)words.Count * sizeof(ulong)), pointer) == pointer.Length
            && CallListener.ReadText(call, BinaryPrimitives.ReadUInt64LittleEndian(pointer)) is { } word)
        {
            words.Add(word);
        }

        return [.. words.Skip(1)];
    }

    /// <summary>The host and port that a call connects to; null when it connects to none.</summary>
    internal static (string Host, int Port)? ConnectionOf(SupervisedCall call, string name)
    {
        if (name != "connect")
        {
            return null;
        }

        byte[] address = new byte[28]; // struct sockaddr_in6
        int length = CallListener.ReadMemory(call, call.Arguments[1], address.AsSpan(0, (int)Math.Min(call.Arguments[2], (ulong)address.Length)));
        int port = length >= 4 ? BinaryPrimitives.ReadUInt16BigEndian(address.AsSpan(2)) : 0;
        return port == 0 ? null
            : BinaryPrimitives.ReadUInt16LittleEndian(address) switch
            {
                Inet when length >= 8 => (new IPAddress(address.AsSpan(4, 4)).ToString(), port),
                Inet6 when length >= 24 => (new IPAddress(address.AsSpan(8, 16)).ToString(), port),
                _ => null,
            };
    }

    private IEnumerable<(string Path, PathUse Use)> Opened(string? path, ulong flags)
    {
        int mode = (int)flags & AccessMode;
        PathUse use = (flags & PathOnly) != 0 ? PathUse.Look
            : (mode != WriteOnly ? PathUse.Read : PathUse.None)
            | (mode is WriteOnly or ReadAndWrite || (flags & Truncate) != 0 ? PathUse.Write : PathUse.None)
            | ((flags & Create) != 0 ? PathUse.Change : PathUse.None);
        return Used(path, use, followLast: true);
    }

    /// <summary>A use of a path, as uses of what is there: of a name that is not, a change is one of its folder, and a look finds nothing.</summary>
    private IEnumerable<(string Path, PathUse Use)> Used(string? path, PathUse use, bool followLast)
    {
        if (path is null || !IsOfMachine(path) || PathWalk.Follow(path, followLast) is not { } walk || !IsOfMachine(walk.Real))
        {
            yield break;
        }

        foreach (string link in walk.Links)
        {
            yield return (link, PathUse.Link);
        }

        bool isFolder = Directory.Exists(walk.Real);
        bool isLink = !followLast && new FileInfo(walk.Real).LinkTarget is not null;
        if (isLink)
        {
            yield return (walk.Real, PathUse.Link);
        }
        else if (isFolder || File.Exists(walk.Real))
        {
            PathUse own = use & ~PathUse.Change;
            yield return (walk.Real, isFolder && own.HasFlag(PathUse.Read) ? (own & ~PathUse.Read) | PathUse.List : own | PathUse.Look);
        }

        bool opens = (use & (PathUse.Read | PathUse.Write)) != 0;
        if (use.HasFlag(PathUse.Change) && !(opens && (isFolder || File.Exists(walk.Real))) && Path.GetDirectoryName(walk.Real) is { } folder && Directory.Exists(folder))
        {
            yield return (folder, PathUse.Change | PathUse.Look);
            if (!isFolder && !isLink && !File.Exists(walk.Real))
            {
                yield return (walk.Real, (use & (PathUse.Read | PathUse.Write)) | PathUse.Made);
            }
        }
    }

    /// <summary>Whether a path is one of the machine, not of what every sandbox has of its own.</summary>
    private bool IsOfMachine(string path) =>
        path == workspace || PolicyPaths.IsBelow(path, workspace)
        || !((string[])[BaseView.Proc, BaseView.Devices, BaseView.Scratch]).Any(own => path == own || PolicyPaths.IsBelow(path, own));

    /// <summary>The path that an argument points at, absolute; null when there is none.</summary>
    private static string? PathOf(SupervisedCall call, int folder, int path)
    {
        string? text = CallListener.ReadText(call, call.Arguments[path]);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.StartsWith('/'))
        {
            return text;
        }

        int descriptor = folder < 0 ? WorkingFolder : (int)call.Arguments[folder];
        return LinkOf(call, descriptor == WorkingFolder ? "cwd" : $"fd/{descriptor}") is { } start ? Path.Join(start, text) : null;
    }

    private static string? LinkOf(SupervisedCall call, string name)
    {
        try
        {
            return new FileInfo($"/proc/{call.ThreadId}/{name}").LinkTarget is { } text && text.StartsWith('/') && !text.EndsWith(" (deleted)", StringComparison.Ordinal) ? text : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // Gone by now, or not ours to look at before its first program has begun.
        }
    }
}
