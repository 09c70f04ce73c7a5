using System.Diagnostics;
using System.Globalization;
using ClawOS.Bench.Cgroups;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Sandbox;

/// <summary>How long after a save a command that runs under the policy feels it: a folder that it may write to is taken away and given back.</summary>
internal sealed class SaveDelay(ClawSystem claw, string workspace)
{
    private const string Writable = "\"$WORKSPACE/**\"]";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Says when a write gives another thing than before, by the machine's clock, in microseconds.</summary>
    private const string Watcher = """
        before=
        while :; do
            if { : > probe; } 2>/dev/null; then now=given; else now=taken; fi
            [ "$now" = "$before" ] || echo "${EPOCHREALTIME/[.,]/} $now"
            before=$now
            sleep 0.002
        done
        """;

    private const string Policy = """
        [paths]
        read = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**", "$WORKSPACE/**"]
        write = ["/dev/null", "$WORKSPACE/**"]
        execute = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**"]
        """;

    /// <returns>From the end of the save to the first write that goes another way, in microseconds: taken away, and given back.</returns>
    public (Samples Taken, Samples Given) Measure(int rounds)
    {
        string file = Path.Combine(claw.ActivePolicies, "bench.toml");
        File.WriteAllText(file, Policy);
        using Process inside = claw.Run("bench", workspace, "/bin/bash", "-c", Watcher);
        try
        {
            Await(inside, "given");
            Save(file, Policy.Replace($", {Writable}", "]", StringComparison.Ordinal), inside, "taken");
            Save(file, Policy, inside, "given");
            (Samples taken, Samples given) = (new(), new());
            for (int i = 0; i < rounds; i++)
            {
                taken.Add(Save(file, Policy.Replace($", {Writable}", "]", StringComparison.Ordinal), inside, "taken"));
                given.Add(Save(file, Policy, inside, "given"));
            }

            return (taken, given);
        }
        finally
        {
            inside.Kill(entireProcessTree: true);
            inside.WaitForExit();
        }
    }

    private static double Save(string file, string text, Process inside, string word)
    {
        File.WriteAllText(file, text);
        double saved = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;
        return Await(inside, word) - saved;
    }

    private static double Await(Process inside, string word)
    {
        Task<string?> line = inside.StandardOutput.ReadLineAsync();
        if (!line.Wait(s_patience))
            throw new TimeoutException($"a save was not in force after {s_patience.TotalSeconds} s");
        return line.Result?.Split(' ') is [var time, var told] && told == word
            ? double.Parse(time, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"the command inside says \"{line.Result}\" where \"{word}\" was awaited: {(inside.HasExited ? inside.StandardError.ReadToEnd() : "")}");
    }
}
