using ClawOS.Bench;
using ClawOS.Bench.Cgroups;
using ClawOS.Bench.Fs;
using ClawOS.Bench.Hnsw;
using ClawOS.Bench.Micro;
using ClawOS.Bench.Retrieval;
using ClawOS.Bench.Sandbox;
using ClawOS.Bench.Search;
using ClawOS.Bench.Spikes;

switch (args)
{
    case ["cgroups", .. var rest] when CgroupBenchOptions.Parse(rest) is { } options:
        return new CgroupBench(options, Repository.Root).Run();
    case ["fs", .. var rest] when FsOptions.Parse(rest) is { } options:
        return new FsBench(options, Repository.Root).Run();
    case ["hnsw", .. var rest] when HnswBenchOptions.Parse(rest) is { } options:
        return new HnswBench(options, Repository.Root).Run();
    case ["micro"]:
        return MicroBench.Run("*");
    case ["micro", var filter]:
        return MicroBench.Run(filter);
    case ["retrieval", .. var rest] when RetrievalOptions.Parse(rest) is { } options:
        return RetrievalBench.Run(options);
    case ["sandbox", .. var rest] when SandboxBenchOptions.Parse(rest) is { } options:
        return new SandboxBench(options, Repository.Root).Run();
    case ["search", .. var rest] when SearchBenchOptions.Parse(rest) is { } options:
        return new SearchBench(options, Repository.Root).Run();
    case ["store-shape", .. var rest]:
        StoreShape.Run(rest.Length > 0 ? rest[0] : Path.GetTempPath());
        return 0;
    default:
        Console.Error.WriteLine(FsOptions.Usage);
        Console.Error.WriteLine(HnswBenchOptions.Usage);
        Console.Error.WriteLine("       claw bench micro [FILTER]         (sealing, the store, FUSE dispatch and filters of system calls without a mount)");
        Console.Error.WriteLine(RetrievalOptions.Usage);
        Console.Error.WriteLine(SearchBenchOptions.Usage);
        Console.Error.WriteLine(CgroupBenchOptions.Usage);
        Console.Error.WriteLine(SandboxBenchOptions.Usage);
        Console.Error.WriteLine("       claw bench store-shape [FOLDER]   (FOLDER on the disk to measure; default: the temporary folder)");
        return 2;
}
