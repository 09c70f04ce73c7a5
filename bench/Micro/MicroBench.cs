using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace ClawOS.Bench.Micro;

/// <summary>`claw bench micro [filter]`: what single parts cost without a mount, by BenchmarkDotNet.</summary>
internal static class MicroBench
{
    /// <param name="filter">A glob over the benchmarks' full names; a bare word matches anywhere.</param>
    /// <returns>The exit code: 0 when something ran, 2 when the filter matches nothing.</returns>
    public static int Run(string filter)
    {
        // In this process: a generated project would have to repeat the repository's build rules to see internal types.
        // Short: three iterations say enough about parts that are measured in the thousands an iteration.
        IConfig config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Path.Combine(Repository.Root, "artifacts", "benchmarks"));
        string pattern = filter.Contains('*', StringComparison.Ordinal) ? filter : $"*{filter}*";
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroBench).Assembly).Run(["--filter", pattern], config);
        return summaries.Any(static s => s.Reports.Length > 0) ? 0 : 2;
    }
}
