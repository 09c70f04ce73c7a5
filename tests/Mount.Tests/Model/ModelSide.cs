using System.Security.Cryptography;
using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Model;

/// <summary>One of the two folders that go through the same operations, with the files that are held open in it.</summary>
internal sealed class ModelSide(string root) : IDisposable
{
    private readonly int[] _held = [-1, -1, -1, -1, -1, -1];

    public int Slots => _held.Length;

    public string At(string path) => PathBytes.FromText(root) + "/" + path;

    /// <summary>The open file of a slot, -1 if it is empty.</summary>
    public int Held(int slot) => _held[slot];

    public void Hold(int slot, int fd)
    {
        Let(slot);
        _held[slot] = fd;
    }

    public void Let(int slot)
    {
        if (_held[slot] >= 0)
            Sys.Close(_held[slot]);
        _held[slot] = -1;
    }

    public void Dispose()
    {
        for (int i = 0; i < Slots; i++)
            Let(i);
    }

    /// <summary>Opens, acts, closes; the error of the open is the answer where that fails.</summary>
    public string WithOpen(string path, int flags, Func<int, string> act)
    {
        Reply opened = Sys.Open(At(path), flags | Sys.NonBlock | Sys.NoFollow, 0b110_110_100);
        if (opened.Failed)
            return $"open: {opened.Error}";
        try
        {
            return act((int)opened.Value);
        }
        finally
        {
            Sys.Close((int)opened.Value);
        }
    }

    /// <summary>What both sides must agree on about a node. A folder's size is the file system's own business.</summary>
    public string Look(string path)
    {
        Reply reply = Stat.Of(At(path), follow: false, out Stat stat);
        return reply.Failed ? reply.Error! : Describe(stat);
    }

    public static string Describe(Stat stat) =>
        $"{stat.Type} {Convert.ToString(stat.Permissions, 8)} {stat.Uid}:{stat.Gid} n{stat.Nlink}{(stat.Type == "dir" ? "" : $" s{stat.Size}")}";

    /// <summary>Size and hash of what a descriptor reads in a range.</summary>
    public static string Content(int fd, long offset, int length)
    {
        byte[] buffer = new byte[length];
        int got = 0;
        while (got < length)
        {
            Reply reply = Sys.PRead(fd, buffer.AsSpan(got), offset + got);
            if (reply.Failed)
                return reply.Error!;
            if (reply.Value == 0)
                break;
            got += (int)reply.Value;
        }
        return $"{got} {Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, got)).AsSpan(0, 8))}";
    }
}
