using System.Text;
using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Model;

internal sealed partial class OperationGenerator
{
    private ModelOperation ChangeMode(string path)
    {
        uint mode = (uint)random.Next(0x1000);
        return new($"chmod {Show(path)} {Convert.ToString(mode, 8)}", side => $"{Sys.ChMod(side.At(path), mode)} {side.Look(path)}");
    }

    private ModelOperation ChangeOwner(string path)
    {
        uint uid = (uint)random.Next(3), gid = (uint)random.Next(3);
        return new($"chown {Show(path)} {uid}:{gid}", side => $"{Sys.LChOwn(side.At(path), uid, gid)} {side.Look(path)}");
    }

    private ModelOperation SetTimes(string path)
    {
        long[] times = [random.Next(), random.Next(1_000_000_000), random.Next(), random.Next(1_000_000_000)];
        return new($"utimens {Show(path)} {times[2]}", side =>
        {
            Reply set = Sys.UTimes(side.At(path), times, follow: false);
            Reply looked = Stat.Of(side.At(path), follow: false, out Stat stat);
            return set.Failed ? set.Error! : $"{looked} {stat.Mtime} {stat.Atime}";
        });
    }

    private ModelOperation Xattr(string path)
    {
        string name = $"user.n{random.Next(3)}";
        byte[] value = new byte[random.Next(200)];
        random.NextBytes(value);
        int kind = random.Next(3), flags = random.Next(3);
        return new($"xattr {Show(path)} {name} {kind} {flags}", side =>
        {
            Reply done = kind == 0 ? Sys.RemoveXattr(side.At(path), name) : Sys.SetXattr(side.At(path), name, value, flags);
            return $"{done} {Attributes(side.At(path))}";
        });
    }

    /// <summary>All attributes that a user sees, with their values.</summary>
    internal static string Attributes(string path)
    {
        Reply listed = Sys.ListXattr(path, out string[] names);
        if (listed.Failed)
            return listed.Error!;
        StringBuilder text = new();
        byte[] value = new byte[1000];
        foreach (string name in names.Where(n => n.StartsWith("user.", StringComparison.Ordinal)))
        {
            Reply got = Sys.GetXattr(path, name, value);
            text.Append($"{name}={(got.Failed ? got.Error : Convert.ToHexStringLower(value.AsSpan(0, (int)got.Value)))} ");
        }
        return text.ToString();
    }
}
