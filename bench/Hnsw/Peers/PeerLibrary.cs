using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ClawFS.Vectors;
using ClawOS.Bench.Fs;
using ClawOS.Bench.Hnsw.Data;

namespace ClawOS.Bench.Hnsw.Peers;

/// <summary>A C++ library in a process of its own, driven by lines (Peers/*.cpp): it reads the same files, and works only while it is asked.</summary>
internal sealed class PeerLibrary : IDisposable
{
    private readonly Process process;
    private readonly string answers;
    private readonly DataSet data;

    private PeerLibrary(string name, string program, DataSet data, string folder)
    {
        Name = name;
        this.data = data;
        answers = Path.Combine(folder, $"{name}-{Environment.ProcessId}.found");
        if (data.BaseFile is null || data.QueryFile is null)
            throw new ArgumentException("a peer reads vectors from files", nameof(data));
        process = Process.Start(new ProcessStartInfo(program, [data.BaseFile, data.QueryFile, data.Metric == Metric.L2 ? "l2" : "ip"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    public string Name { get; }

    /// <summary>hnswlib as Debian has it, compiled for this processor.</summary>
    public static PeerLibrary Hnswlib(DataSet data, string folder)
    {
        Apt.Install("libhnswlib-dev", "g++");
        return new PeerLibrary("hnswlib", Compile("hnswlib_driver", folder), data, folder);
    }

    /// <summary>faiss as Debian has it.</summary>
    public static PeerLibrary Faiss(DataSet data, string folder)
    {
        Apt.Install("libfaiss-dev", "libblas-dev", "liblapack-dev", "g++");
        return new PeerLibrary("faiss", Compile("faiss_driver", folder, "-lfaiss", "-fopenmp", "-llapack", "-lblas"), data, folder);
    }

    /// <summary>Builds the index anew.</summary>
    public Build Build(int m, int efConstruction, int threads)
    {
        double[] answer = Ask($"build {m} {efConstruction} {threads}", "built");
        return new Build(threads == 1 ? answer[1] : answer[0], answer[2], answer[3], answer[4] / data.Base.Length);
    }

    /// <summary>Asks all queries once.</summary>
    public Point Search(int ef, uint[][] truth)
    {
        double[] answer = Ask($"search {GroundTruth.K} {ef} {answers}", "searched");
        uint[][] found = [.. MemoryMarshal.Cast<byte, uint>(File.ReadAllBytes(answers)).ToArray().Chunk(GroundTruth.K)];
        return new Point(ef, GroundTruth.Recall(truth, found), data.Queries.Length / answer[1], answer[2], answer[3]);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
        File.Delete(answers);
    }

    private double[] Ask(string line, string expected)
    {
        process.StandardInput.WriteLine(line);
        string[] words = process.StandardOutput.ReadLine()?.Split(' ') ?? throw new InvalidOperationException($"{Name} ended");
        return words[0] == expected
            ? [.. words.Skip(1).Select(word => double.Parse(word, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"{Name} answered {string.Join(' ', words)}");
    }

    private static string Compile(string name, string folder, params string[] more)
    {
        string sources = Path.Combine(Repository.Root, "bench", "Hnsw", "Peers"), source = Path.Combine(sources, name + ".cpp"), program = Path.Combine(folder, name);
        string[] read = [source, Path.Combine(sources, "driver.hpp")];
        if (!File.Exists(program) || read.Any(file => File.GetLastWriteTimeUtc(program) < File.GetLastWriteTimeUtc(file)))
            Command.Run("g++", ["-O3", "-march=native", "-std=c++17", "-pthread", "-o", program, source, .. more]);
        return program;
    }
}
