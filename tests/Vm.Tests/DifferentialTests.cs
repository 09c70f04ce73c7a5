using System.Globalization;
using System.Text;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;
using Vm.Tests.Machine;

namespace Vm.Tests;

/// <summary>What the evaluator says of a policy is what the kernel does with the policy's profile.</summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Policies = 250, Questions = 40;

    // All profiles in one go.
    private const int CompileSeconds = 600;
    private const string Probe = "/claw/probe";

    private static readonly SourceLine Here = new("random.toml", 1);

    /// <summary>Left out, because a profile says less there: characters beyond U+FFFF (docs/apparmor.md).</summary>
    [Fact]
    public void AppArmor_agrees_with_the_evaluator_on_10000_random_pairs()
    {
        Guest.Need();
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        Random random = new(seed);
        RandomRules world = new(random);
        List<(EffectivePolicy Policy, ProfileText Profile, (string Path, PathAccess Access)[] Questions)> asked = [];
        while (asked.Count < Policies)
        {
            EffectivePolicy policy = PolicyOf([.. world.Rules(), new PathRule(Probe, IsTree: true, PathAccess.Read | PathAccess.Execute, IsDenied: false, Here)]);
            ProfileText profile = ProfileText.Of(policy);
            if (asked.All(known => known.Profile.Name != profile.Name))
                asked.Add((policy, profile, [.. Enumerable.Range(0, Questions).Select(_ => world.Question())]));
        }

        string printed = Guest.Run(
            Script,
            ("profiles", ProfileCompiler.Compile(string.Concat(asked.Select((known, i) => i == 0 ? known.Profile.Text : known.Profile.Text.Replace("abi <abi/3.0>,\n", "", StringComparison.Ordinal))), CompileSeconds)),
            ("folders", Lines(RandomRules.Folders)),
            ("files", Lines(RandomRules.Files)),
            ("names", Lines(asked.Select(known => known.Profile.Name))),
            ("questions", Lines(asked.SelectMany(known => known.Questions.Select(question => $"{Letter(question.Access)} {question.Path}").Append("end")))),
            ("ask", Encoding.UTF8.GetBytes(Ask)));
        Dictionary<string, string> answers = printed.Split('\n').Where(line => line.StartsWith("answer ", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToDictionary(words => words[1], words => words[2]);
        Assert.True(answers.Count == Policies, $"{answers.Count} of {Policies} policies were asked\n{printed}");

        List<string> disagreements = [];
        HashSet<string> folders = [RandomRules.World, .. RandomRules.Folders];
        int allowed = 0;
        foreach ((EffectivePolicy policy, ProfileText profile, (string Path, PathAccess Access)[] questions) in asked)
        {
            Explainer evaluator = new(policy);
            for (int i = 0; i < questions.Length; i++)
            {
                Explanation explanation = evaluator.ExplainPath(questions[i].Path, questions[i].Access);
                // The evaluator knows no folder from a file, and says of both what holds for files.
                bool isUnlisted = explanation.Reason.EndsWith("folders are not listed", StringComparison.Ordinal) && folders.Contains(questions[i].Path);
                bool says = explanation.Verdict == Verdict.Allowed && !isUnlisted;
                allowed += says ? 1 : 0;
                if (answers[profile.Name][i] != (says ? '1' : '0'))
                    disagreements.Add($"{questions[i].Access} {questions[i].Path}: evaluator {says}, kernel '{answers[profile.Name][i]}'\n{profile.Text}");
            }
        }

        output.WriteLine($"{Policies * Questions} pairs, {allowed} allowed");
        Assert.True(disagreements.Count == 0, $"{disagreements.Count} disagreements, the first:\n{string.Join('\n', disagreements.Take(3))}");
        // A kernel that answers always the same would agree with nobody here.
        Assert.InRange(allowed, Policies * Questions / 20, Policies * Questions * 19 / 20);
    }

    private static EffectivePolicy PolicyOf(IReadOnlyList<PathRule> rules) => new()
    {
        Name = "random",
        Paths = rules,
        Commands = [],
        Hosts = [],
        Secrets = [],
        SyscallProfile = "default",
        SyscallAdditions = [],
        Limits = new Limits(),
    };

    private static char Letter(PathAccess access) => access switch { PathAccess.Read => 'r', PathAccess.Write => 'w', _ => 'x' };

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    /// <summary>Every file is a program that can be started: one more name of a busybox that the probe is not. One write loads all profiles.</summary>
    private const string Script = $"""
        mkdir {Probe}
        cp /usr/bin/busybox {Probe}/busybox
        cp ask {Probe}/ask
        cp /usr/bin/busybox /program
        while IFS= read -r path; do mkdir -p "$path"; done < folders
        while IFS= read -r path; do ln /program "$path"; done < files
        dd if=profiles of=/sys/kernel/security/apparmor/.replace bs=64M conv=notrunc 2>&1 | grep -v records
        cat questions | while IFS= read -r name <&4; do
            answers=$(sh -c 'echo "exec $1" > /proc/self/attr/apparmor/exec; exec {Probe}/busybox sh {Probe}/ask' sh "$name")
            echo "answer $name $answers"
        done 4< names

        """;

    /// <summary>
    /// One digit a question: 1 allowed, 0 denied. Asked in the profile by the shell itself, which opens; only starting takes a process. Questions come by a pipe:
    /// a file that the profile does not know would be taken away, and a shell reads a pipe no further than its line.
    /// </summary>
    private const string Ask = """
        exec 2>/dev/null
        while IFS= read -r line; do
            path=${line#? }
            case $line in
                end) exit ;;
                r*) true < "$path" && printf 1 || printf 0 ;;
                w*) true >> "$path" && printf 1 || printf 0 ;;
                x*) (exec "$path"); case $? in 127) printf 1 ;; 126) printf 0 ;; *) printf '?' ;; esac ;;
            esac
        done

        """;
}
