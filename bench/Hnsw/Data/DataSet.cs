using ClawFS.Vectors;

namespace ClawOS.Bench.Hnsw.Data;

/// <summary>Vectors to index and vectors to ask for, as arrays and as the files that peers read; without files nothing of them may be written to one.</summary>
internal sealed record DataSet(string Name, string Source, Metric Metric, string? BaseFile, string? QueryFile, float[][] Base, float[][] Queries)
{
    public int Dimensions => Base[0].Length;

    /// <summary>The first vectors of it, with files of their own beside the whole.</summary>
    public DataSet First(int count)
    {
        if (count >= Base.Length)
            return this;
        if (BaseFile is null)
            return this with { Name = $"{Name}-{count / 1000}k", Base = Base[..count] };
        string file = $"{BaseFile}.{count}";
        if (!File.Exists(file))
            Fvecs.Write(file, Base.Take(count));
        return this with { Name = $"{Name}-{count / 1000}k", BaseFile = file, Base = Base[..count] };
    }
}
