using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using ClawOS.Security.Seccomp;

namespace ClawOS.Bench.Micro;

/// <summary>What it costs to get from a profile's text to a filter. Not sealed: BenchmarkDotNet derives from it.</summary>
public class SeccompBenchmarks
{
    private SeccompProfile profile = ShippedProfiles.Load(ShippedProfiles.ToolDefault);
    private string text = "";

    [Params(ShippedProfiles.ToolDefault, ShippedProfiles.Default)]
    public string Profile { get; set; } = ShippedProfiles.ToolDefault;

    [GlobalSetup]
    public void Prepare()
    {
        text = ShippedProfiles.Text(Profile);
        profile = SeccompProfile.Parse(text, Profile);
    }

    [Benchmark]
    public SeccompProfile Parse() => SeccompProfile.Parse(text, Profile);

    [Benchmark]
    public byte[] Compile() => SeccompCompiler.Compile(profile, Architecture.X64);
}
