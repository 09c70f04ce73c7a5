using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.RealPrograms;

/// <summary>A tree with everything that archives must carry: hard links, links, fifos, holes, attributes, modes, odd names, old times.</summary>
internal static class SampleTree
{
    // All times are old: rsync leaves a time alone that differs by less than a second from the one at hand.
    public static void Make(string folder) => Shell(folder, """
        mkdir -p a/b/c empty 'with blank'; chmod 0750 a/b; chmod 1777 empty
        for i in $(seq 1 40); do head -c $((i * i * 37)) /dev/urandom > a/f$i; done
        head -c 3000000 /dev/urandom > a/big
        ln a/f1 a/b/hard1; ln a/f1 hard2; ln -s ../f2 a/b/soft; ln -s /nowhere dangling
        mkfifo a/fifo; truncate -s 5M holes; printf end >> holes; printf x | dd of=holes bs=1 seek=2000000 conv=notrunc status=none
        printf text > "$(printf 'new\nline')"; printf latin > "$(printf 'caf\351')"; : > nothing
        chmod 4755 a/f3; chmod 0000 a/f4; chmod 2750 a/b/c; touch -d '1999-12-31 23:59:59.123456789' a/f5 a/b
        setfattr -n user.colour -v blue a/f6; setfattr -n user.empty a/f6; setfattr -n user.dir -v yes a/b
        chown 65534:65533 a/f7; chown -h 65534 a/b/soft; touch -h -d 2001-02-03 a/b/soft dangling; touch -d 2002-03-04 a/b/c a/b a
        find . -mindepth 1 -depth -newermt 2010-01-01 -exec touch -h -d '2003-04-05 06:07:08.9' {} +
        """);

    /// <summary>One line a node: everything that must survive a copy.</summary>
    public static string Describe(string folder)
    {
        string nodes = Shell(folder, """find . -mindepth 1 -printf '%y %m %U:%G %n %s %T@ %l %P\n' | sed -E 's/^d ([0-7]+ [0-9:]+) [0-9]+ [0-9]+/d \1 - -/' | LC_ALL=C sort""");
        string contents = Shell(folder, "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum");
        string attributes = Shell(folder, "find . -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m '^user' 2>/dev/null | grep -v '^$' || true");
        return nodes + contents + attributes;
    }
}
