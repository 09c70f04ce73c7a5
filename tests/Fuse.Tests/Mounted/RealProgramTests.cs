using ClawFS.Fuse;
using Fuse.Tests.Memory;

namespace Fuse.Tests.Mounted;

public sealed class RealProgramTests
{
    [Fact]
    public void Files_go_in_and_come_out_unchanged()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        string output = mount.Must("""
            dd if=/dev/urandom of=/tmp/claw-fuse-$$ bs=1M count=40 status=none
            cp /tmp/claw-fuse-$$ "$M/big"; cmp /tmp/claw-fuse-$$ "$M/big"; rm /tmp/claw-fuse-$$
            echo hello > "$M/small"; echo again >> "$M/small"; cat "$M/small"
            stat -c %s "$M/big"
            """);
        Assert.Equal("hello\nagain\n41943040", output);
        Assert.Empty(mount.Bugs);
    }

    [Fact]
    public void A_mebibyte_travels_in_one_request()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        mount.Must("""
            dd if=/dev/zero of="$M/f" bs=1M count=8 oflag=direct status=none
            dd if="$M/f" of=/dev/null bs=1M iflag=direct status=none
            """);
        Dictionary<FuseOpcode, long> counts = mount.Connection.Statistics.Snapshot().ToDictionary(o => o.Opcode, o => o.Count);
        Assert.Equal(8, counts[FuseOpcode.Write]);

        // dd reads until it gets nothing, so one more may come.
        Assert.InRange(counts[FuseOpcode.Read], 8, 9);
    }

    [Fact]
    public void A_program_runs_from_the_mount()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        Assert.Equal("it runs", mount.Must("cp /bin/echo \"$M/echo\"; \"$M/echo\" it runs"));
    }

    [Fact]
    public void Names_can_be_made_moved_linked_and_removed()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        string output = mount.Must("""
            cd "$M"; mkdir -p a/b/c; echo x > a/f; ln a/f a/g; ln -s ../f a/b/l; mv a/f a/b/f2
            stat -c %h a/g; readlink a/b/l; mkfifo a/p; stat -c %F a/p
            mv -n a/g a/b/f2; ls a; mkdir d; mv d a/b/c/; rmdir a/b/c/d
            if mkdir a 2>/dev/null; then echo twice; fi
            if rmdir a 2>/dev/null; then echo full; fi
            rm -r a; ls -A | wc -l
            """);
        Assert.Equal("2\n../f\nfifo\nb\ng\np\n0", output);
    }

    [Fact]
    public void A_folder_of_five_thousand_names_lists_each_once()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        string output = mount.Must("""
            mkdir "$M/many"; cd "$M/many"; seq 1 5000 | xargs touch
            ls -U | sort -n | md5sum; seq 1 5000 | md5sum; ls -l | wc -l; rm -r "$M/many"
            """);
        string[] lines = output.Split('\n');
        Assert.Equal(lines[1], lines[0]);
        Assert.Equal("5001", lines[2]);
    }

    [Fact]
    public void Attributes_times_and_owners_are_kept()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        string output = mount.Must("""
            cd "$M"; touch -d '2001-02-03 04:05:06.789 UTC' t; chown 12:34 t; chmod 2750 t
            stat -c '%a %u %g' t; TZ=UTC stat -c %y t; truncate -s 12345 t; stat -c %s t; stat -c %W t | grep -c '^[1-9]'
            mkdir s; chmod 2775 s; chgrp 77 s; touch s/f; mkdir s/d; stat -c '%g %a' s/f s/d | cut -d' ' -f1
            """);
        Assert.Equal("2750 12 34\n2001-02-03 04:05:06.789000000 +0000\n12345\n1\n77\n77", output);
    }

    [Fact]
    public void Extended_attributes_work_from_python()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        SkipWithout(mount, "python3");
        string output = mount.Must("""
            touch "$M/x"; python3 - "$M/x" <<'END'
            import os, sys
            p = sys.argv[1]
            os.setxattr(p, "user.a", b"one"); os.setxattr(p, "trusted.b", b"x" * 60000)
            print(sorted(os.listxattr(p)), os.getxattr(p, "user.a"), len(os.getxattr(p, "trusted.b")))
            os.removexattr(p, "user.a")
            try: os.getxattr(p, "user.a")
            except OSError as e: print(e.errno)
            try: os.setxattr(p, "user.a", b"", os.XATTR_REPLACE)
            except OSError as e: print(e.errno)
            END
            """);
        Assert.Equal("['trusted.b', 'user.a'] b'one' 60000\n61\n61", output);
    }

    [Fact]
    public void The_less_common_calls_work_from_python()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        SkipWithout(mount, "python3");
        string output = mount.Must("""
            cd "$M"; python3 - <<'END'
            import ctypes, fcntl, mmap, os, select
            libc = ctypes.CDLL(None, use_errno=True)
            def renameat2(a, b, flags):
                return 0 if libc.renameat2(-100, a, -100, b, flags) == 0 else ctypes.get_errno()
            f = os.open("f", os.O_RDWR | os.O_CREAT); g = os.open("g", os.O_RDWR | os.O_CREAT)
            os.write(f, b"0123456789" * 1000); os.fsync(f)
            print(os.copy_file_range(f, g, 5000, 0, 3), os.pread(g, 4, 3))
            os.posix_fallocate(f, 0, 20000); print(os.fstat(f).st_size)
            print(os.lseek(f, 100, os.SEEK_DATA), os.lseek(f, 0, os.SEEK_HOLE))
            print(libc.fallocate(f, 3, ctypes.c_long(0), ctypes.c_long(10)), os.pread(f, 12, 0))
            print(renameat2(b"f", b"g", 1), renameat2(b"f", b"g", 2), os.stat("f").st_size)
            t = os.open(".", os.O_RDWR | os.O_TMPFILE); os.write(t, b"tmp"); libc.linkat(-100, f"/proc/self/fd/{t}".encode(), -100, b"linked", 0x400); print(os.stat("linked").st_size)
            m = mmap.mmap(f, 4096); m[0:5] = b"mmapd"; m.flush(); print(open("g", "rb").read(5))
            p = select.poll(); p.register(f, select.POLLIN); print(p.poll(0)[0][1] & 1)
            fcntl.flock(f, fcntl.LOCK_EX); fcntl.lockf(g, fcntl.LOCK_EX)
            os.fsync(os.open(".", os.O_RDONLY)); os.sync()
            os.unlink("f"); os.unlink("g"); print(os.pread(f, 5, 0))
            END
            """);
        Assert.Equal(
            """
            5000 b'0123'
            20000
            100 20000
            0 b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0001'
            17 0 5003
            3
            b'mmapd'
            1
            b'mmapd'
            """,
            output);
    }

    [Fact]
    public void Locks_keep_processes_apart()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        string output = mount.Must("""
            cd "$M"; touch lock; exec 9> lock; flock 9; if flock -n lock true; then echo both; fi; flock -u 9; flock -n lock echo free
            """);
        Assert.Equal("free", output);
    }

    [Fact]
    public void Unmounting_gives_back_every_reference_and_every_open_file()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        mount.Must("cd \"$M\"; for d in 1 2 3; do mkdir $d; for f in a b c; do echo $f > $d/$f; done; done; ls -lR . > /dev/null; cat */*; rm -r 2");
        Assert.True(mount.Unmount());
        MemoryTree tree = (MemoryTree)mount.Tree;
        Assert.True(tree.Destroyed);
        Assert.Equal(0, tree.Opens);

        // An unmount drops the rest of the references without a word for nodes that are still cached; none may be counted twice.
        Assert.All(tree.Counted(), each => Assert.InRange(each.Count, 1UL, 64UL));
        Assert.Empty(mount.Bugs);
    }

    private static void SkipWithout(ServedMount mount, string program) =>
        Assert.SkipUnless(mount.Run($"command -v {program}").Code == 0, $"{program} is not installed.");
}
