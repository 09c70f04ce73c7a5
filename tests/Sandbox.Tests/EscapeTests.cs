using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>Attempts to get out, each with the errno by which it fails when every layer is on.</summary>
public sealed class EscapeTests
{
    [Theory]
    [InlineData("open('/etc/shadow')", "ENOENT")]
    [InlineData("open('/root/.bashrc')", "ENOENT")]
    [InlineData("open('/../../../../etc/shadow')", "ENOENT")]
    [InlineData("open('/proc/self/root/etc/shadow')", "ENOENT")]
    [InlineData("open('/proc/self/cwd/../../etc/shadow')", "ENOENT")]
    [InlineData("os.symlink('/etc/shadow', 'WORKSPACE/link'); open('WORKSPACE/link')", "ENOENT")]
    [InlineData("open('/' + 'a/' * 2050)", "ENAMETOOLONG")]
    [InlineData("os.listdir('/')", "EACCES")]
    [InlineData("os.link('/usr/bin/env', 'WORKSPACE/env')", "EXDEV")]
    [InlineData("os.rename('/usr/bin/env', 'WORKSPACE/env')", "EXDEV")]
    public void Files_outside_are_out_of_reach(string code, string error) => Fails(code, error);

    [Theory]
    [InlineData("open('/usr/bin/new', 'w')", "EROFS")]
    [InlineData("os.mkdir('/new')", "EROFS")]
    [InlineData("os.truncate('/usr/bin/env', 0)", "EROFS")]
    [InlineData("os.unlink('/usr/bin/env')", "EROFS")]
    [InlineData("os.chmod('/usr/bin/env', 0o777)", "EROFS")]
    [InlineData("open('/dev/shm/p', 'w').write('#!/bin/sh'); os.chmod('/dev/shm/p', 0o755); os.execv('/dev/shm/p', ['p'])", "EACCES")]
    [InlineData("open('WORKSPACE/p', 'w').write('#!/bin/sh'); os.chmod('WORKSPACE/p', 0o755); os.execv('WORKSPACE/p', ['p'])", "EACCES")]
    public void What_may_not_be_changed_or_executed_is_not(string code, string error)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root: the permissions of others' files answer first");
        Fails(code, error);
    }

    [Theory]
    [InlineData("open('/proc/1/mem', 'rb')", "EACCES")]
    [InlineData("os.listdir('/proc/1/root/')", "EACCES")]
    [InlineData("os.open('/proc/1/fd/' + os.listdir('/proc/1/fd')[0], os.O_WRONLY)", "EACCES")]
    [InlineData("open('/proc/1/environ')", "EACCES")]
    [InlineData("open('/proc/sys/kernel/core_pattern', 'w')", "EROFS")]
    [InlineData("open('/proc/self/uid_map', 'w')", "EROFS")]
    [InlineData("open('/proc/self/oom_score_adj', 'w')", "EROFS")]
    [InlineData("open('/proc/sys/vm/overcommit_memory', 'w')", "EROFS")]
    public void Proc_leads_nowhere(string code, string error)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root: the permissions of others' files answer first");
        Fails(code, error);
    }

    [Theory]
    [InlineData("call(165, b'none', b'/tmp', b'tmpfs', 0, 0)", "EPERM")]
    [InlineData("call(166, b'/usr', 2)", "EPERM")]
    [InlineData("call(155, b'/tmp', b'/tmp')", "EPERM")]
    [InlineData("os.chroot('/tmp')", "EPERM")]
    [InlineData("call(428, -100, b'/', 1)", "EPERM")]
    [InlineData("call(430, b'tmpfs', 0)", "EPERM")]
    [InlineData("call(272, 0x10000000)", "EPERM")]
    [InlineData("call(272, 0x00020000)", "EPERM")]
    [InlineData("call(56, 0x10000011, 0, 0, 0, 0)", "EPERM")]
    [InlineData("call(435, ctypes.create_string_buffer(88), 88)", "ENOSYS")]
    [InlineData("call(308, os.open('/proc/self/ns/net', 0), 0)", "EPERM")]
    public void Neither_mounts_nor_namespaces_can_be_made(string code, string error) => Fails(code, error);

    [Theory]
    [InlineData("call(101, 16, 1, 0, 0)", "EPERM")]
    [InlineData("call(310, 1, 0, 0, 0, 0, 0)", "EPERM")]
    [InlineData("os.kill(1, signal.SIGKILL)", "EPERM")]
    [InlineData("os.kill(99999, signal.SIGKILL)", "ESRCH")]
    [InlineData("call(250, 0, -3, 0)", "EPERM")]
    [InlineData("call(248, b'user', b'x', b'y', 1, -2)", "EPERM")]
    [InlineData("call(425, 8, ctypes.create_string_buffer(120))", "EPERM")]
    [InlineData("call(321, 0, ctypes.create_string_buffer(72), 72)", "EPERM")]
    [InlineData("call(298, ctypes.create_string_buffer(128), 0, -1, -1, 0)", "EPERM")]
    [InlineData("call(304, -100, ctypes.create_string_buffer(16), 0)", "EPERM")]
    [InlineData("call(323, 1)", "EPERM")]
    [InlineData("call(246, 0, 0, 0, 0)", "EPERM")]
    [InlineData("call(169, 0xfee1dead, 672274793, 0x4321fedc, 0)", "EPERM")]
    [InlineData("call(175, b'', 0, b'')", "EPERM")]
    [InlineData("socket.sethostname('escaped')", "EPERM")]
    [InlineData("time.clock_settime(time.CLOCK_REALTIME, 0)", "EPERM")]
    [InlineData("os.nice(-5)", "EPERM")]
    [InlineData("import fcntl; fcntl.ioctl(0, 0x5412, b'x')", "EPERM")]
    [InlineData("import fcntl; fcntl.ioctl(0, 0x541c, b'x')", "EPERM")]
    public void Other_processes_and_the_kernel_are_out_of_reach(string code, string error) => Fails(code, error);

    [Theory]
    [InlineData("os.setuid(12345)", "EINVAL")]
    [InlineData("os.setgroups([0])", "EPERM")]
    [InlineData("os.mknod('WORKSPACE/disk', 0o600 | stat.S_IFBLK, os.makedev(8, 0))", "EACCES")]
    [InlineData("os.mknod('/tmp/mem', 0o600 | stat.S_IFCHR, os.makedev(1, 1))", "EACCES")]
    [InlineData("open('/dev/mem')", "ENOENT")]
    [InlineData("open('/dev/fuse')", "ENOENT")]
    [InlineData("open('/dev/tty')", "ENXIO")]
    [InlineData("open('/dev/ptmx')", "ENOENT")]
    public void No_other_user_and_no_device_can_be_had(string code, string error) => Fails(code, error);

    [Theory]
    [InlineData("socket.create_connection(('127.0.0.1', PORT))", "EACCES")]
    [InlineData("socket.socket().bind(('127.0.0.1', 0))", "EACCES")]
    [InlineData("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", "ENETUNREACH")]
    [InlineData("socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", "EPERM")]
    [InlineData("socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)", "EAFNOSUPPORT")]
    [InlineData("socket.socket(socket.AF_UNIX).connect('\\0ABSTRACT')", "ECONNREFUSED")]
    [InlineData("socket.socket(socket.AF_UNIX).connect('/run/systemd/private')", "ENOENT")]
    public void The_network_is_not_there(string code, string error)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string name = $"claw-test-{Guid.NewGuid():N}";
        using Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unix.Bind(new UnixDomainSocketEndPoint("\0" + name));
        unix.Listen();
        Fails(code.Replace("PORT", $"{((IPEndPoint)listener.LocalEndpoint).Port}", StringComparison.Ordinal).Replace("ABSTRACT", name, StringComparison.Ordinal), error);
    }

    [Theory]
    [InlineData("open('WORKSPACE/secret')", "EACCES")]
    [InlineData("open('WORKSPACE/secret', 'w')", "EACCES")]
    [InlineData("os.rename('WORKSPACE/secret', 'WORKSPACE/mine')", "EBUSY")]
    [InlineData("os.unlink('WORKSPACE/secret')", "EBUSY")]
    [InlineData("os.link('WORKSPACE/secret', 'WORKSPACE/mine')", "EXDEV")]
    [InlineData("os.listdir('WORKSPACE/keys')", "EACCES")]
    [InlineData("open('WORKSPACE/keys/one')", "EACCES")]
    [InlineData("os.chmod('WORKSPACE/keys', 0o700)", "EROFS")]
    [InlineData("os.rename('WORKSPACE/keys', 'WORKSPACE/mine')", "EBUSY")]
    [InlineData("os.rename('WORKSPACE/above', 'WORKSPACE/mine'); open('WORKSPACE/mine/inner/secret')", "EBUSY")]
    [InlineData("os.rename('WORKSPACE/above', 'WORKSPACE/mine'); os.makedirs('WORKSPACE/above/inner'); open('WORKSPACE/above/inner/secret', 'w')", "EBUSY")]
    [InlineData("os.rename('WORKSPACE/above/inner', 'WORKSPACE/above/mine'); os.mkdir('WORKSPACE/above/inner'); open('WORKSPACE/above/inner/secret', 'w')", "EBUSY")]
    [InlineData("open('WORKSPACE/fixed/a', 'w')", "EROFS")]
    public void What_is_denied_inside_an_allowed_folder_stays_denied(string code, string error)
    {
        using Box box = new();
        foreach (string file in (string[])["secret", "keys/one", "above/inner/secret", "fixed/a"])
        {
            string path = Path.Combine(box.Workspace, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "secret");
        }

        box.Rules.AddRange([
            Box.Denied($"{box.Workspace}/secret", isTree: false),
            Box.Denied($"{box.Workspace}/keys"),
            Box.Denied($"{box.Workspace}/above/inner/secret", isTree: false),
            Box.Denied($"{box.Workspace}/fixed", PathAccess.Write)]);
        Assert.Equal(error, Attempt.In(box, code));
        Assert.Equal("secret", File.ReadAllText(Path.Combine(box.Workspace, "secret")));
    }

    [Fact]
    public void A_call_of_the_other_ABI_of_the_processor_kills()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("only x86-64 has another ABI with the same architecture number: x32");
        using Box box = new();
        SandboxResult result = box.Run("/usr/bin/python3", "-IS", "-c", "import ctypes; ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 39))").Result;
        Assert.Equal((SandboxEnd.Signalled, 31), (result.Reason, result.Signal));
    }

    [Fact]
    public void No_descriptor_but_the_three_is_open()
    {
        using Box box = new();
        Assert.Equal("0 1 2", box.Run("sh", "-c", "i=0; while [ $i -lt 1024 ]; do [ ! -L /proc/$$/fd/$i ] || printf '%s ' $i; i=$((i + 1)); done").Must().TrimEnd());
    }

    [Fact]
    public void A_fork_bomb_meets_the_limit()
    {
        // The kernel does not count processes of root: as root the command is somebody else.
        using Box box = new() { Limits = new Limits(Processes: 20), User = Environment.IsPrivilegedProcess ? new SandboxUser(1000, 1000, 65534, 65534) : null };
        File.SetUnixFileMode(box.Workspace, (UnixFileMode)0b111_111_111);
        Assert.Equal("EAGAIN", Attempt.In(box, "for i in range(100):\n    if os.fork() == 0:\n        time.sleep(60)"));
    }

    [Fact]
    public void Scratch_space_and_files_end_at_the_limit_of_the_disk()
    {
        using Box box = new() { Limits = new Limits(DiskBytes: 1 << 20) };
        Assert.Equal("EFBIG", Attempt.In(box, "open('WORKSPACE/big', 'wb').write(bytes(2 << 20))"));
        Assert.Equal("ENOSPC", Attempt.In(box, "for i in range(20): open(f'/tmp/{i}', 'wb').write(bytes(100000))"));
    }

    private static void Fails(string code, string error)
    {
        using Box box = new();
        Assert.Equal(error, Attempt.In(box, code));
    }
}
