using System.Globalization;
using System.Text;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;

namespace AppArmor.Tests;

/// <summary>Profiles that a process loads, on a machine made of files: what is loaded, replaced, kept, and cleared away behind whoever died.</summary>
public sealed class PoolTests : IDisposable
{
    private const string Space = "4026531836", OtherSpace = "4026532999";
    private readonly string root = Directory.CreateTempSubdirectory("claw-pool-").FullName;
    private readonly List<string> compiled = [];

    public PoolTests()
    {
        Lay("sys/kernel/security/lsm", "capability,apparmor");
        Lay("sys/kernel/security/apparmor/.replace", "");
        Lay("sys/kernel/security/apparmor/.remove", "");
        Lay("sys/kernel/security/apparmor/profiles", "");
        Lay("proc/self/status", "Name:\tclaw\nCapEff:\t000001ffffffffff\n");
        Lay("proc/self/uid_map", "         0          0 4294967295\n");
        LayProcess("self", 777);
        Directory.CreateDirectory(Path.Combine(root, "proc/self/ns"));
        File.CreateSymbolicLink(Path.Combine(root, "proc/self/ns/pid"), $"pid:[{Space}]");
    }

    [Fact]
    public void Who_lacks_the_capability_or_is_in_another_user_namespace_is_told_so()
    {
        Assert.Null(ProfilePool.WhyNotAt(root));
        Lay("proc/self/uid_map", "         0       1000          1\n");
        Assert.Contains("this is another", ProfilePool.WhyNotAt(root), StringComparison.Ordinal);
        Lay("proc/self/status", "Name:\tclaw\nCapEff:\t000001fdffffffff\n");
        Assert.Contains("root has it", ProfilePool.WhyNotAt(root), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_sandbox_has_a_profile_of_its_own_named_after_who_loaded_it()
    {
        using ProfilePool pool = Pool(kept: 0);
        using LoadedProfile one = pool.Take(Policies.Of()), two = pool.Take(Policies.Of());
        Assert.Equal($"claw.test.{Space}-{Environment.ProcessId}-777-1", one.Name);
        Assert.Equal($"claw.test.{Space}-{Environment.ProcessId}-777-2", two.Name);
        Assert.Contains($"profile \"{two.Name}\"", Kernel(".replace"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_policy_replaces_the_text_under_the_same_name()
    {
        using ProfilePool pool = Pool(kept: 0);
        using LoadedProfile profile = pool.Take(Policies.Of());
        Assert.False(profile.Change(Policies.Of()));
        Assert.Single(compiled);
        Assert.True(profile.Change(Policies.Of(Policies.Glob("/srv/*.key", PathAccess.All).Deny())));
        Assert.Contains($"profile \"{profile.Name}\"", compiled[1], StringComparison.Ordinal);
        Assert.Contains("deny \"/srv/*.key\"", Kernel(".replace"), StringComparison.Ordinal);
        profile.Dispose();
        Assert.False(profile.Change(Policies.Of()));
        Assert.Equal(2, compiled.Count);
    }

    [Fact]
    public void One_that_is_not_used_any_more_is_kept_for_the_same_text_and_no_other()
    {
        using ProfilePool pool = Pool(kept: 1);
        LoadedProfile first = pool.Take(Policies.Of());
        first.Dispose();
        Assert.Equal("", Kernel(".remove"));
        using (LoadedProfile other = pool.Take(Policies.Of(Policies.File("/a", PathAccess.Read))))
            Assert.NotEqual(first.Name, other.Name);
        Assert.Equal(first.Name, Kernel(".remove")); // One is kept, the last.
        Lay("sys/kernel/security/apparmor/profiles", $"claw.test.{Space}-{Environment.ProcessId}-777-2 (enforce)\n");
        LoadedProfile again = pool.Take(Policies.Of(Policies.File("/a", PathAccess.Read)));
        Assert.Equal(2, compiled.Count);
        Assert.True(again.Change(Policies.Of(Policies.File("/b", PathAccess.Read)))); // That it was given back once does not hold it.
        again.Dispose();
        pool.Dispose();
        Assert.Equal(again.Name, Kernel(".remove"));
    }

    /// <summary>Else no sandbox of that policy could be launched any more.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(" (complain)")]
    public void One_that_somebody_has_removed_or_changed_while_it_was_kept_is_loaded_again(string mode)
    {
        using ProfilePool pool = Pool(kept: 1);
        LoadedProfile first = pool.Take(Policies.Of());
        first.Dispose();
        Lay("sys/kernel/security/apparmor/profiles", mode.Length > 0 ? $"{first.Name}{mode}\n" : "");
        Lay("sys/kernel/security/apparmor/.replace", "");
        using LoadedProfile again = pool.Take(Policies.Of());
        Assert.Equal(first.Name, again.Name);
        Assert.Contains($"profile \"{first.Name}\"", Kernel(".replace"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_that_is_cleared_goes_on()
    {
        using ProfilePool pool = Pool(kept: 2);
        LoadedProfile one = pool.Take(Policies.Of());
        one.Dispose();
        pool.Clear();
        Assert.Equal(one.Name, Kernel(".remove"));
        using LoadedProfile other = pool.Take(Policies.Of());
        Assert.NotEqual(one.Name, other.Name);
    }

    [Fact]
    public void One_in_which_something_runs_is_not_removed()
    {
        using ProfilePool pool = Pool(kept: 0);
        LoadedProfile profile = pool.Take(Policies.Of());
        Lay("proc/4242/attr/current", "another_module_t"); // Where two modules have labels, this is the other one's.
        Lay("proc/4242/attr/apparmor/current", $"{profile.Name} (enforce)\n");
        profile.Dispose();
        Assert.Equal("", Kernel(".remove"));
    }

    [Theory]
    [InlineData($"claw.coder.{Space}-31-500-1", true)] // No such process.
    [InlineData($"claw.coder.{Space}-32-500-1", true)] // The number has another process.
    [InlineData($"claw.coder.{Space}-33-600-1", false)] // It lives.
    [InlineData($"claw.coder.{OtherSpace}-31-500-1", false)] // Nobody here can tell.
    [InlineData($"claw.coder.{Space}-34-500-1", false)] // Something still runs in it.
    [InlineData("claw.coder.0123456789ab", false)]
    [InlineData($"/usr/bin/claw.coder.{Space}-31-500-1", false)]
    public void What_a_dead_process_has_left_is_removed_and_nothing_else(string name, bool isRemoved)
    {
        LayProcess("32", 501);
        LayProcess("33", 600);
        Lay("proc/99/attr/apparmor/current", $"claw.coder.{Space}-34-500-1 (enforce)\n");
        Lay("sys/kernel/security/apparmor/profiles", $"{name} (enforce)\n");
        using ProfilePool pool = Pool(kept: 0);
        Assert.Equal(isRemoved ? name : "", Kernel(".remove"));
    }

    [Fact]
    public void Without_a_profile_only_a_policy_without_patterns_goes_on()
    {
        List<string> told = [];
        using ProfilePool pool = new(root, 0, _ => throw new AppArmorException("no"));
        Assert.Null(pool.TakeIfPossible(Policies.Of(), null, false, told.Add));
        Assert.Contains("no", Assert.Single(told), StringComparison.Ordinal);
        _ = Assert.Throws<AppArmorException>(() => pool.TakeIfPossible(Policies.Of(Policies.Glob("/srv/*.txt", PathAccess.Read)), null, false, told.Add));
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private ProfilePool Pool(int kept) => new(root, kept, text =>
    {
        compiled.Add(text);
        return Encoding.UTF8.GetBytes(text);
    });

    private void LayProcess(string process, int start) =>
        Lay($"proc/{process}/stat", $"7 (a) b) S {string.Join(' ', Enumerable.Repeat(0, 18))} {start.ToString(CultureInfo.InvariantCulture)} 0 0\n");

    private string Kernel(string file) => File.ReadAllText(Path.Combine(root, "sys/kernel/security/apparmor", file)).TrimEnd('\0');

    private void Lay(string path, string text)
    {
        string file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
