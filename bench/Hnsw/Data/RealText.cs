using ClawFS.Vectors;
using ClawOS.Bench.Fs;

namespace ClawOS.Bench.Hnsw.Data;

/// <summary>
/// Data sets made of Debian's documentation packages, unpacked without installing them, and kept below artifacts/: the same packages give the same vectors.
/// No package ships vectors of a language model; these are latent semantic vectors and word vectors of real text.
/// </summary>
internal sealed class RealText(string folder)
{
    private const int DocVectors = 100_000;
    private const int WordVectors = 300_000;
    private const int Queries = 1000;
    private const int Seed = 7;
    private static readonly string[] s_packages =
        ["wordnet-base", "linux-doc-6.1", "python3.11-doc", "postgresql-doc-15", "perl-doc", "nodejs-doc", "erlang-manpages"];
    private static readonly string[] s_wordPackages = ["openjdk-17-doc", "libreoffice-help-en-us", "libreoffice-help-de", "libreoffice-help-fr", "libreoffice-help-es", "libreoffice-help-it", "libreoffice-help-hu"];

    /// <summary>100,000 x 384: passages of 110 words under latent semantic indexing; the queries are 14 words out of other passages.</summary>
    public DataSet Doc384() => Load("doc384", "LSI of Debian documentation and WordNet glosses", () =>
    {
        string[][] passages = [.. Passages.Read(Unpack(s_packages))];
        new Random(Seed).Shuffle(passages);
        LsiVectors lsi = new(passages.Take(DocVectors).Where((_, i) => i % 2 == 0).ToArray(), 384, seed: 1);
        float[][] all = [.. passages.Select(lsi.Embed).OfType<float[]>().Take(DocVectors)];
        float[][] queries = [.. passages.Skip(DocVectors + 1000).Where(words => words.Length >= 40).Select(words => lsi.Embed(words[10..24])).OfType<float[]>().Take(Queries)];
        return (all, queries);
    });

    /// <summary>Up to 300,000 x 100: word vectors (fasttext, CBOW) of the same text and more; the queries are words left out of the base.</summary>
    public DataSet Word100() => Load("word100", "CBOW word vectors of Debian documentation", () =>
    {
        Apt.Install("fasttext");
        string text = Path.Combine(folder, "words.txt");
        File.WriteAllLines(text, Passages.Read(Unpack([.. s_packages, .. s_wordPackages])).Select(words => string.Join(' ', words)));
        string model = Path.Combine(folder, "word100");
        Command.RunFor(TimeSpan.FromMinutes(30), "fasttext", "cbow", "-input", text, "-output", model, "-dim", "100", "-minCount", "1", "-maxn", "0", "-epoch", "2", "-thread", "1", "-verbose", "0");
        float[][] vectors = [.. File.ReadLines(model + ".vec").Skip(1).Select(Vector).Where(vector => vector.Any(value => value != 0))];
        new Random(Seed).Shuffle(vectors);
        return (vectors[Queries..Math.Min(vectors.Length, Queries + WordVectors)], vectors[..Queries]);
    });

    /// <summary>A folder of pages, as the packages have them.</summary>
    public string Tree() => Unpack(s_packages);

    private static float[] Vector(string line)
    {
        float[] vector = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(word => float.Parse(word, System.Globalization.CultureInfo.InvariantCulture))];
        float length = MathF.Sqrt(DenseMath.Dot(vector, vector));
        return length == 0 ? vector : [.. vector.Select(value => value / length)];
    }

    private DataSet Load(string name, string source, Func<(float[][] Base, float[][] Queries)> make)
    {
        Directory.CreateDirectory(folder);
        string vectors = Path.Combine(folder, $"{name}.fvecs"), queries = Path.Combine(folder, $"{name}.queries.fvecs");
        if (!File.Exists(vectors) || !File.Exists(queries))
        {
            Console.Error.WriteLine($"making {name} (once; kept in {folder})");
            (float[][] made, float[][] asked) = make();
            Fvecs.Write(queries, asked);
            Fvecs.Write(vectors, made);
        }

        return new DataSet(name, source, Metric.Cosine, vectors, queries, Fvecs.Read(vectors), Fvecs.Read(queries));
    }

    private string Unpack(IReadOnlyList<string> packages)
    {
        string place = Path.Combine(folder, $"text-{packages.Count}");
        if (Directory.Exists(place))
            return place;
        string partial = place + ".partial";
        Directory.CreateDirectory(partial);
        foreach (string package in packages)
        {
            Command.RunIn(partial, null, "apt-get", "download", "-qq", package);
            string file = Directory.GetFiles(partial, $"{package}_*.deb").Single();
            Command.Run("dpkg", "-x", file, partial);
            File.Delete(file);
        }

        Directory.Move(partial, place);
        return place;
    }
}
