using System.Text;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;
using Vm.Tests.Machine;

namespace Vm.Tests;

/// <summary>claw policy refine on what a kernel really writes: with what it proposes, the program that was refused everything is refused nothing.</summary>
public sealed class RefineTests(ITestOutputHelper output)
{
    private const string Before = """
        [paths]
        read = ["/probe/**"]
        execute = ["/probe/**"]

        """;

    // Each in a process of its own; those about names that a log has to write in hexadecimal among them.
    private static readonly string[] Acts =
    [
        "cat '/srv/plain'",
        "cat '/srv/a b'",
        "cat '/srv/é漢'",
        "cat '/srv/q\"t'",
        "ls '/srv/folder'",
        "touch '/srv/out/new'",
        "dd if=/dev/zero of='/srv/out/log' bs=1 count=1 conv=notrunc",
        "mkdir '/srv/out/made'",
        "mv '/srv/out/from' '/srv/out/to'",
        "rm '/srv/out/gone'",
        "env '/srv/tool'",
    ];

    // No policy can hold this name.
    private const string Lost = "cat '/srv/s*r'";

    [Fact]
    public void What_is_proposed_from_the_kernel_s_log_lets_the_program_run()
    {
        Guest.Need();
        EffectivePolicy before = Read(Before);
        string first = Guest.Run(
            Script,
            ("profiles", Compile(ProfileText.Of(before), ProfileText.Of(before, ProfileMode.Complain))),
            ("names", Lines(ProfileText.Of(before).Name, ProfileText.Of(before, ProfileMode.Complain).Name)),
            ("acts", Lines([.. Acts, Lost])));
        string[] answers = Answers(first);
        Assert.True(answers is [var refused, var passed] && !refused.Contains('1', StringComparison.Ordinal) && !passed.Contains('0', StringComparison.Ordinal), first);

        string folder = Directory.CreateTempSubdirectory("claw-vm-").FullName, log = Path.Combine(folder, "kernel.log"), policy = Path.Combine(folder, "grown.toml");
        File.WriteAllText(log, first);
        File.WriteAllText(policy, Before);
        string proposed = Claw("policy", "refine", policy, "--log", log);
        output.WriteLine(proposed);
        string after = proposed.Replace("read = [", "read = [\n  \"/probe/**\",", StringComparison.Ordinal).Replace("execute = [", "execute = [\n  \"/probe/**\",", StringComparison.Ordinal);
        Assert.DoesNotContain("**", after.Replace("/probe/**", "", StringComparison.Ordinal), StringComparison.Ordinal);
        ProfileText refined = ProfileText.Of(Read(after));
        string second = Guest.Run(Script, ("profiles", Compile(refined)), ("names", Lines(refined.Name)), ("acts", Lines([.. Acts, Lost])));
        Assert.True(Answers(second) is [var now] && now == new string('1', Acts.Length) + '0', second);
        Directory.Delete(folder, recursive: true);
    }

    private static string[] Answers(string printed) => [.. printed.Split('\n').Where(line => line.StartsWith("answer ", StringComparison.Ordinal)).Select(line => line["answer ".Length..])];

    private static EffectivePolicy Read(string text)
    {
        PolicyCompilation compiled = PolicySet.Shipped.With([("grown.toml", PolicyFile.Parse(Encoding.UTF8.GetBytes(text), "grown.toml"))])
            .Compile("grown", new CompileOptions { Layers = Layers.Stock | Layers.AppArmor });
        return compiled.Policy ?? throw new InvalidOperationException(string.Join('\n', compiled.Errors));
    }

    private static byte[] Compile(params ProfileText[] profiles) =>
        ProfileCompiler.Compile(string.Concat(profiles.Select((profile, i) => i == 0 ? profile.Text : profile.Text.Replace("abi <abi/3.0>,\n", "", StringComparison.Ordinal))));

    private static byte[] Lines(params string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    private static string Claw(params string[] arguments) => Tool.Run("/", Environment.ProcessPath!, [GuestDisk.Claw ?? throw new InvalidOperationException("build Agent/Cli first"), .. arguments]);

    /// <summary>The kernel keeps back what comes fast; here nothing shall be kept back.</summary>
    private const string Script = """
        echo 0 > /proc/sys/kernel/printk_ratelimit
        echo 1 > /proc/sys/kernel/printk
        mkdir -p /probe /srv/folder /srv/out
        cp /usr/bin/busybox /probe/busybox
        printf '#!/probe/busybox sh\n' > /srv/tool
        chmod 755 /srv/tool
        for name in plain 'a b' 'é漢' 'q"t' 's*r' out/log out/from out/gone; do echo text > "/srv/$name"; done
        dd if=profiles of=/sys/kernel/security/apparmor/.replace bs=64M conv=notrunc 2>&1 | grep -v records
        while IFS= read -r name; do
            answers=
            while IFS= read -r act; do
                if sh -c 'echo "exec $1" > /proc/self/attr/apparmor/exec; exec /probe/busybox sh -c "/probe/busybox $2"' sh "$name" "$act" < /dev/null > /dev/null 2>&1; then answers=${answers}1; else answers=${answers}0; fi
            done < acts
            echo "answer $answers"
        done < names
        dmesg | grep apparmor=

        """;
}
