using System.Security.Cryptography;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Index;

/// <summary>What a generation is, as its log begins with it.</summary>
/// <param name="Number">Which one.</param>
/// <param name="Model">Name of its model.</param>
/// <param name="Dimensions">Floats of a vector.</param>
/// <param name="Settings">How it was made; of these what makes another one.</param>
/// <param name="Weights">What it is worth.</param>
/// <param name="Terms">Terms on which the model depends.</param>
/// <param name="TermsHash">Their hash.</param>
internal sealed record GenerationHead(int Number, string Model, int Dimensions, IndexSettings Settings, FusionWeights Weights, int Terms, ulong TermsHash)
{
    private const int MostDimensions = 4096, MostSamples = 1 << 20;

    /// <summary>The head of a generation.</summary>
    public static GenerationHead Of(Generation generation, TermTable terms) => new(
        generation.Number, generation.Model.Name, generation.Dimensions, generation.Settings, generation.Weights, generation.Model.TermBound, HashOf(terms, generation.Model.TermBound));

    /// <summary>The first eight bytes of SHA-256 over the first terms, each behind its length.</summary>
    public static ulong HashOf(TermTable terms, int count)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        RecordWriter gathered = new();
        for (int i = 0; i < count; i++)
        {
            gathered.Block(terms[i]);
            if (gathered.Length > 1 << 16)
            {
                hash.AppendData(gathered.Written);
                gathered.Clear();
            }
        }
        hash.AppendData(gathered.Written);
        return BitConverter.ToUInt64(hash.GetCurrentHash());
    }

    /// <summary>Writes it as a record.</summary>
    public void Write(RecordWriter to)
    {
        to.Begin((byte)GenerationRecord.Head);
        to.Varint((ulong)Number);
        to.Text(Model);
        to.Varint((ulong)Dimensions);
        to.Varint((ulong)Settings.Dimensions);
        to.Varint((ulong)Settings.M);
        to.Varint((ulong)Settings.EfConstruction);
        to.Byte(Settings.IsCompact ? (byte)1 : (byte)0);
        to.U32(BitConverter.SingleToUInt32Bits(Weights.Agreement));
        to.Varint((ulong)Weights.Samples);
        to.Varint((ulong)Terms);
        to.U64(TermsHash);
        to.End();
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">A value out of its range.</exception>
    public static GenerationHead Read(RecordReader record)
    {
        int number = record.Count(int.MaxValue);
        string model = record.Text();
        int dimensions = record.Count(MostDimensions);
        IndexSettings settings = new()
        {
            Dimensions = record.Count(IndexSettings.MostDimensions),
            M = record.Count(IndexSettings.MostM),
            EfConstruction = record.Count(IndexSettings.MostEfConstruction),
            IsCompact = record.Byte() != 0,
        };
        float agreement = BitConverter.UInt32BitsToSingle(record.U32());
        int samples = record.Count(MostSamples);
        if (number == 0 || dimensions < 2 || settings.M < IndexSettings.LeastM || settings.EfConstruction < IndexSettings.LeastEfConstruction || agreement is not (>= 0 and <= 1))
        {
            throw new InvalidDataException("the head of the vectors has a value out of its range");
        }
        return new(number, model, dimensions, settings, new FusionWeights(agreement, samples), record.Count(int.MaxValue), record.U64());
    }
}
