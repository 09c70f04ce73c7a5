using System.Text;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;

namespace AppArmor.Tests;

/// <summary>Policies made by hand, and the compiler that must take what is made of them.</summary>
internal static class Policies
{
    internal static readonly SourceLine Here = new("test.toml", 1);

    internal static EffectivePolicy Of(params PathRule[] rules) => With([], rules);

    internal static EffectivePolicy With(IReadOnlyList<CommandRule> commands, params PathRule[] rules) => new()
    {
        Name = "test",
        Paths = rules,
        Commands = commands,
        Hosts = [],
        Secrets = [],
        SyscallProfile = "default",
        SyscallAdditions = [],
        Limits = new Limits(),
    };

    internal static PathRule Tree(string path, PathAccess access) => new(path, IsTree: true, access, IsDenied: false, Here);

    internal static PathRule File(string path, PathAccess access) => new(path, IsTree: false, access, IsDenied: false, Here);

    internal static PathRule Glob(string path, PathAccess access) => File(path, access) with { IsGlob = true };

    internal static PathRule Deny(this PathRule rule) => rule with { IsDenied = true };

    /// <summary>Policies from a text, compiled with patterns.</summary>
    internal static EffectivePolicy Read(string name, string text)
    {
        PolicyCompilation compiled = PolicySet.Shipped.With([($"{name}.toml", PolicyFile.Parse(Encoding.UTF8.GetBytes(text), $"{name}.toml"))])
            .Compile(name, new CompileOptions { Layers = Layers.Stock | Layers.AppArmor, Workspace = "/home/me/my work" });
        return compiled.Policy ?? throw new InvalidOperationException(string.Join('\n', compiled.Errors));
    }

    internal static byte[] Compile(ProfileText profile)
    {
        if (ProfileCompiler.Program is null)
            Assert.Skip("needs apparmor_parser: apt-get install apparmor");
        return ProfileCompiler.Compile(profile.Text);
    }
}
