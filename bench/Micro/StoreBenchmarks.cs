using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawOS.Bench.Micro;

/// <summary>The stored tree as the dispatcher calls it, without a mount. Checkpoints run in between, as they do in the service. Not sealed: BenchmarkDotNet derives from it.</summary>
public class StoreBenchmarks : IDisposable
{
    private const int Block = 4096, FileBlocks = 16_384;
    private const uint Mode = 0x1A4;
    private readonly string folder = Directory.CreateTempSubdirectory("claw-micro-").FullName;
    private readonly SecretKey key = SecretKey.Random();
    private readonly LocalRequest request = new(0, 0);
    private readonly byte[] block = RandomNumberGenerator.GetBytes(Block), large = RandomNumberGenerator.GetBytes(1 << 20);
    private readonly byte[] found = "found"u8.ToArray();
    private ClawStore? store;
    private ulong file, parent, made, at;

    private StoredTree Tree => store!.Tree;

    [GlobalSetup]
    public void Prepare()
    {
        Guid id = Guid.NewGuid();
        ClawStore.Create(folder, key, id);
        store = ClawStore.Open(folder, key, id);
        Must(Tree.Create(request, StoredTree.RootFolder, found, Mode, 0, out Entry entry, out _));
        file = entry.Node;
        for (ulong i = 0; i < FileBlocks * Block; i += (ulong)large.Length)
            Must(Tree.Write(request, file, 0, i, large, true, false, out _));
        NextFolder();
    }

    /// <summary>CREATE, WRITE of 4 KiB and the last FORGET: what a small file costs.</summary>
    [Benchmark]
    public void CreateSmallFile()
    {
        if (made % 100 == 0)
            NextFolder();
        Span<byte> name = stackalloc byte[20];
        _ = Encoding.ASCII.TryGetBytes($"f{made++}", name, out int length);
        Must(Tree.Create(request, parent, name[..length], Mode, 0, out Entry entry, out _));
        Must(Tree.Write(request, entry.Node, 0, 0, block, true, false, out _));
        Tree.Forget(entry.Node, 1);
    }

    [Benchmark]
    public void Overwrite4KiB() => Must(Tree.Write(request, file, 0, NextBlock(), block, true, false, out _));

    [Benchmark]
    public void Write1MiB() => Must(Tree.Write(request, file, 0, 0, large, true, false, out _));

    [Benchmark]
    public void Read4KiB() => Must(Tree.Read(request, file, 0, NextBlock(), block, out _));

    [Benchmark]
    public void Read1MiB() => Must(Tree.Read(request, file, 0, 0, large, out _));

    [Benchmark]
    public void Lookup()
    {
        Must(Tree.Lookup(request, StoredTree.RootFolder, found, out Entry entry));
        Tree.Forget(entry.Node, 1);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        store?.Dispose();
        key.Dispose();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    // A stride that is odd visits every block before one comes again.
    private ulong NextBlock() => (at += 7919) % FileBlocks * Block;

    private void NextFolder()
    {
        Must(Tree.MkDir(request, StoredTree.RootFolder, Encoding.ASCII.GetBytes($"d{made}"), 0x1ED, out Entry entry));
        parent = entry.Node;
        made++;
    }

    private static void Must(Errno error)
    {
        if (error != Errno.Ok)
            throw new InvalidOperationException(error.ToString());
    }
}
