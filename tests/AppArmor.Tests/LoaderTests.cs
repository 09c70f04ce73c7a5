using ClawOS.Security.AppArmor;

namespace AppArmor.Tests;

public sealed class LoaderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("claw-apparmor-").FullName;

    [Fact]
    public void A_kernel_without_it_is_told_by_its_own_list()
    {
        Lay("sys/kernel/security/lsm", "lockdown,capability,landlock,bpf");
        Assert.Equal("AppArmor is not among the security modules of this kernel (lockdown,capability,landlock,bpf)", new AppArmorLoader(root).WhyNot());
    }

    [Fact]
    public void One_that_cannot_be_looked_at_or_is_switched_off_is_told_too()
    {
        Assert.Equal("this kernel was built without AppArmor", new AppArmorLoader(root).WhyNot());
        Lay("sys/module/apparmor/parameters/enabled", "N");
        Assert.Contains("not mounted", new AppArmorLoader(root).WhyNot(), StringComparison.Ordinal);
        Lay("sys/kernel/security/lsm", "capability,apparmor");
        Assert.Contains("switched off", new AppArmorLoader(root).WhyNot(), StringComparison.Ordinal);
        Lay("sys/kernel/security/apparmor/.replace", "");
        Assert.Null(new AppArmorLoader(root).WhyNot());
    }

    [Fact]
    public void Names_of_loaded_profiles_may_have_spaces_and_brackets()
    {
        Lay("sys/kernel/security/apparmor/profiles", "claw.coder.0123 (enforce)\n/usr/bin/a b (c) (complain)\n\n");
        IReadOnlyDictionary<string, string> loaded = new AppArmorLoader(root).Loaded();
        Assert.Equal("enforce", loaded["claw.coder.0123"]);
        Assert.Equal("complain", loaded["/usr/bin/a b (c)"]);
        Assert.Equal(2, loaded.Count);
    }

    [Fact]
    public void A_write_that_fails_names_the_file() =>
        Assert.StartsWith("/sys/kernel/security/apparmor/.remove: ", Assert.Throws<AppArmorException>(() => new AppArmorLoader(root).Remove("x")).Message, StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void Lay(string path, string text)
    {
        string file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
