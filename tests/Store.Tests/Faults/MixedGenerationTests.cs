using ClawFS.Linux;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Faults;

/// <summary>claw.db, log/ and seg/ of different moments, and of copies that ran on by themselves: refused, EIO, or what the file once held, never anything else.</summary>
public sealed class MixedGenerationTests(ITestOutputHelper output)
{
    private const int Files = 12;

    [Fact]
    public void Parts_of_two_generations_never_read_as_content_that_no_file_held()
    {
        var random = new Random(Seed.For(output));
        using var store = new StoreFixture();
        var held = new Dictionary<string, List<byte[]>>();
        Rewrite(store, held, random, unlinkSome: false);
        store.Store.Commit();
        using StoreFixture first = store.Copy(open: false);
        using (StoreFixture twin = store.Copy())
        {
            Rewrite(twin, held, random, unlinkSome: true);
            twin.Store.Commit();
            Rewrite(twin, held, random, unlinkSome: false);
            using StoreFixture twinFiles = twin.Copy(open: false);
            Rewrite(store, held, random, unlinkSome: true);
            Rewrite(store, held, random, unlinkSome: false);
            store.Store.Commit();
            Rewrite(store, held, random, unlinkSome: true);
            using StoreFixture second = store.Copy(open: false);
            StoreFixture[] generations = [first, twinFiles, second];
            int refused = 0, opened = 0, damaged = 0;
            foreach (StoreFixture rows in generations)
            foreach (StoreFixture log in generations)
            foreach (StoreFixture segments in generations)
            {
                using StoreFixture mixed = store.WithFiles(Mix(rows, log, segments), open: false);
                if (!TryOpen(mixed))
                {
                    refused++;
                    continue;
                }
                opened++;
                damaged += CountDamaged(mixed, held);
            }
            output.WriteLine($"{refused} refused, {opened} opened, {damaged} files of them damaged");
            Assert.InRange(opened, generations.Length, 27);
            Assert.InRange(damaged, 1, int.MaxValue);
        }
    }

    private static void Rewrite(StoreFixture store, Dictionary<string, List<byte[]>> held, Random random, bool unlinkSome)
    {
        for (int i = 0; i < Files; i++)
        {
            string name = $"f{i}";
            ulong file = store.User.Peek(TreeUser.Root, name);
            if (file != 0 && unlinkSome && random.Next(3) == 0)
            {
                TreeUser.Ok(store.User.Unlink(TreeUser.Root, name));
                file = 0;
            }
            file = file == 0 ? store.User.File(TreeUser.Root, name) : file;
            TreeUser.Ok(store.User.Truncate(file, 0));
            byte[] data = new byte[4096];
            random.NextBytes(data);
            store.User.Write(file, 0, data);
            if (!held.TryGetValue(name, out List<byte[]>? versions))
            {
                held.Add(name, versions = []);
            }
            versions.Add(data);
        }
    }

    private static ScratchFolder Mix(StoreFixture rows, StoreFixture log, StoreFixture segments)
    {
        var mixed = new ScratchFolder();
        foreach (string file in Directory.GetFiles(rows.Path, "claw.db*").Where(static f => !f.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.Copy(file, mixed.File(Path.GetFileName(file)));
        }
        CopyFolder(log.File("log"), mixed.File("log"));
        CopyFolder(segments.File("seg"), mixed.File("seg"));
        return mixed;
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private static bool TryOpen(StoreFixture mixed)
    {
        try
        {
            mixed.OpenNow();
            return true;
        }
        catch (StoreException e)
        {
            Assert.Equal(Errno.EIO, e.Error);
            return false;
        }
    }

    /// <summary>Reads every file; returns how many are EIO.</summary>
    private static int CountDamaged(StoreFixture mixed, Dictionary<string, List<byte[]>> held)
    {
        int damaged = 0;
        byte[] buffer = new byte[8192];
        foreach (string name in mixed.User.List(TreeUser.Root).Where(held.ContainsKey))
        {
            // A journal of a twin may leave a name of an inode that these rows do not have.
            Errno error = mixed.Tree.Lookup(mixed.User.Request, TreeUser.Root, TreeUser.Bytes(name), out Vfs.Entry entry);
            int count = 0;
            error = error == Errno.Ok ? mixed.Tree.Read(mixed.User.Request, entry.Node, 0, 0, buffer, out count) : error;
            if (error != Errno.Ok)
            {
                Assert.Equal(Errno.EIO, error);
                damaged++;
                continue;
            }
            byte[] read = buffer[..count];
            Assert.True(count == 0 || held[name].Exists(v => v.AsSpan().SequenceEqual(read)), $"{name} reads as something it never held");
        }
        return damaged;
    }
}
