namespace ClawFS.Linux.Tests;

public sealed class KernelKeyTests
{
    private readonly string description = $"claw-test:{Guid.NewGuid():N}";

    [Fact]
    public void A_key_of_a_service_is_read_by_its_user_and_not_by_root_beside_it()
    {
        SkipUnlessRoot();
        using ProbeProcess probe = Start("kernel-key-as-root");
        Assert.Equal("owner reads True", probe.ReadLine());
        Assert.Equal("root searches False", probe.ReadLine());
        Assert.Equal("fsuid is 0", probe.ReadLine());
        Assert.Equal("root reads by number EACCES", probe.ReadLine());
        Assert.Equal("child reads True", probe.ReadLine());
        Assert.Equal("removed True False False", probe.ReadLine());
    }

    [Fact]
    public void A_key_without_root_is_read_in_the_session_and_not_by_other_processes_of_the_user()
    {
        SkipUnlessRoot();
        using ProbeProcess probe = Start("kernel-key-as-user");
        Assert.Equal("child reads True", probe.ReadLine());
        Assert.Equal("child outside reads EACCES False", probe.ReadLine());
        Assert.Equal("again True True", probe.ReadLine());
    }

    [Fact]
    public void A_key_goes_with_the_processes_of_its_session()
    {
        SkipUnlessRoot();
        long before;
        using (ProbeProcess probe = Start("kernel-key-as-user"))
        {
            while (probe.ReadLine() is { } line && !line.StartsWith("again", StringComparison.Ordinal))
            {
            }
            before = KeysOf(KernelKeyProbe.User);
            Assert.NotEqual(0, before);
        }
        // The kernel collects keys that nobody refers to any more in a work item of its own.
        Assert.True(SpinWait.SpinUntil(() => KeysOf(KernelKeyProbe.User) < before, TimeSpan.FromSeconds(30)), "the key is still there");
    }

    [Fact]
    public void Work_outside_the_session_has_another_keyring_and_its_failure_comes_back()
    {
        const int GetKeyringId = 0;
        static nint Session() => KeyCalls.Keyctl(GetKeyringId, KeyCalls.KEY_SPEC_SESSION_KEYRING);
        nint own = Session();
        if (own < 0)
            Assert.Skip($"the kernel keeps no keys here: {LinuxException.Last}");
        Assert.NotEqual(own, SessionKeyring.Outside(Session));
        Assert.Equal(own, Session());
        Assert.Throws<InvalidOperationException>(() => SessionKeyring.Outside<int>(() => throw new InvalidOperationException("inside")));
    }

    [Fact]
    public void A_refusal_is_said_and_leaves_nothing()
    {
        KernelKey key = new(description, ProcessIdentity.Uid, shared: true);
        Assert.False(key.TryLeave(new byte[40_000], out Errno error));
        Assert.True(error is Errno.EINVAL or Errno.EPERM or Errno.ENOSYS, $"{error}");
        Assert.False(key.TryTake(new byte[32]));
        Assert.False(key.Remove());
    }

    private ProbeProcess Start(string probe)
    {
        var process = ProbeProcess.Start(probe, description);
        if (process.ReadLine() is not "started" and var refusal)
        {
            process.Dispose();
            Assert.Skip($"the kernel keeps no keys here: {refusal}");
        }
        return process;
    }

    /// <summary>Keys that count for a user, in /proc/key-users: "uid: usage keys/instantiated quota ...".</summary>
    private static long KeysOf(uint uid) => File.ReadLines("/proc/key-users")
        .Select(line => line.Split([' ', ':', '/'], StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words[0] == $"{uid}")
        .Select(words => long.Parse(words[2]))
        .SingleOrDefault();

    private static void SkipUnlessRoot()
    {
        if (ProcessIdentity.Uid != 0)
            Assert.Skip("needs root");
    }
}
