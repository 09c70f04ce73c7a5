using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Model;

internal sealed partial class OperationGenerator
{
    private ModelOperation Create(string path)
    {
        int flags = Sys.RdWr | Sys.Creat | (random.Next(2) == 0 ? Sys.Excl : 0) | (random.Next(4) == 0 ? Sys.Trunc : 0);
        return new($"create {Show(path)} {flags:x}", side => side.WithOpen(path, flags, _ => "ok") + " " + side.Look(path));
    }

    private ModelOperation Write(string path)
    {
        byte[] data = Data();
        long offset = random.Next(3) == 0 ? 0 : random.Next(MaxSize);
        return new($"write {Show(path)} {data.Length} at {offset}", side => side.WithOpen(path, Sys.RdWr, fd => WriteAndCheck(fd, data, offset)));
    }

    private ModelOperation Append(string path)
    {
        byte[] data = Data();
        return new($"append {Show(path)} {data.Length}", side => side.WithOpen(path, Sys.RdWr | Sys.Append, fd =>
        {
            // A file that has grown past the limit starts again, so that the trees stay small.
            Stat.Of(fd, out Stat stat).Must("fstat");
            if (stat.Size > 2 * MaxSize)
                return Sys.FTruncate(fd, 100).ToString();
            return Sys.Write(fd, data) + " " + ModelSide.Content(fd, Math.Max(0, (long)stat.Size - 4096), data.Length + 8192);
        }) + side.Look(path));
    }

    private ModelOperation Truncate(string path)
    {
        long size = random.Next(5) switch { 0 => 0, 1 => random.Next(5000), _ => random.Next(MaxSize) };
        return new($"truncate {Show(path)} {size}", side => Sys.Truncate(side.At(path), size) + " " + side.Look(path)
            + side.WithOpen(path, Sys.RdOnly, fd => ModelSide.Content(fd, Math.Max(0, size - 5000), 5000)));
    }

    private ModelOperation Punch(string path)
    {
        int mode = random.Next(4) switch
        {
            0 => Sys.ZeroRange,
            1 => Sys.ZeroRange | Sys.KeepSize,
            2 => random.Next(2) * Sys.KeepSize,
            _ => Sys.PunchHole | Sys.KeepSize,
        };
        long offset = random.Next(MaxSize), length = random.Next(1, 70_000);
        return new($"fallocate {Show(path)} {mode} {offset}+{length}", side => side.WithOpen(path, Sys.RdWr, fd =>
            Sys.FAllocate(fd, mode, offset, length) + " " + ModelSide.Content(fd, Math.Max(0, offset - 4096), (int)length + 8192)) + side.Look(path));
    }

    private ModelOperation Read(string path)
    {
        long offset = random.Next(MaxSize);
        return new($"read {Show(path)} at {offset}", side => side.WithOpen(path, Sys.RdOnly, fd => ModelSide.Content(fd, offset, 20_000)) + side.Look(path));
    }

    private ModelOperation Sync(string path)
    {
        bool dataOnly = random.Next(2) == 0;
        return new($"fsync {Show(path)}", side => side.WithOpen(path, Sys.RdOnly, fd => (dataOnly ? Sys.FDataSync(fd) : Sys.FSync(fd)).ToString()));
    }

    private ModelOperation CopyRange(string path)
    {
        string to = Fitting(Known.Files);
        long offset = random.Next(MaxSize), toOffset = random.Next(MaxSize), length = random.Next(1, 50_000);
        return new($"copy {Show(path)} {offset} to {Show(to)} {toOffset} {length}", side => side.WithOpen(path, Sys.RdOnly, from =>
            side.WithOpen(to, Sys.RdWr, into =>
            {
                Reply reply = Sys.CopyFileRange(from, offset, into, toOffset, length);
                return reply + " " + ModelSide.Content(into, Math.Max(0, toOffset - 100), (int)length + 200);
            })) + side.Look(to));
    }

    private ModelOperation HoldOpen(string path)
    {
        int slot = random.Next(6);
        return new($"hold {slot} {Show(path)}", side =>
        {
            side.Let(slot);
            Reply reply = Sys.Open(side.At(path), Sys.RdWr | Sys.NonBlock | Sys.NoFollow);
            if (!reply.Failed)
                side.Hold(slot, (int)reply.Value);
            return reply.Failed ? reply.Error! : "ok";
        });
    }

    // What is held may have been renamed, replaced or removed since.
    private ModelOperation UseHeld()
    {
        int slot = random.Next(6), kind = random.Next(5);
        byte[] data = Data();
        long offset = random.Next(MaxSize);
        return new($"held {slot} {kind} {data.Length} at {offset}", side =>
        {
            int fd = side.Held(slot);
            if (fd < 0)
                return "none";
            string done = kind switch
            {
                0 or 1 => WriteAndCheck(fd, data, offset),
                2 => Sys.FTruncate(fd, offset).ToString(),
                3 => Sys.FSync(fd).ToString(),
                _ => ModelSide.Content(fd, offset, 30_000),
            };
            Reply reply = Stat.Of(fd, out Stat stat);
            return $"{done} {(reply.Failed ? reply.Error : ModelSide.Describe(stat))}";
        });
    }

    private static string WriteAndCheck(int fd, byte[] data, long offset)
    {
        Reply reply = Sys.PWrite(fd, data, offset);
        return reply + " " + ModelSide.Content(fd, Math.Max(0, offset - 4096), data.Length + 8192);
    }

    private byte[] Data()
    {
        byte[] data = new byte[random.Next(6) switch { 0 => random.Next(1, 20), 1 or 2 => random.Next(1, 5000), 3 or 4 => random.Next(1, 20_000), _ => random.Next(1, 80_000) }];
        random.NextBytes(data);
        return data;
    }
}
