using System.Buffers.Binary;
using ClawFS.Search.Lexical;

namespace ClawFS.Search.Semantic;

/// <summary>
/// The form to store. Little-endian: magic "CLSI", version u16 = 1, dimensions u16, chunks i64, terms u32, common terms u32; then the terms' numbers and the common terms'
/// numbers, each list as varints of the distance to the one before minus one; then per term idf f32, scale f32; then per term its codes, one signed byte a dimension.
/// The term numbers are those of the store's term table.
/// </summary>
internal sealed partial class LsiModel
{
    private const int HeaderBytes = 24;
    private const int MaxDimensions = 384;
    private const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => "CLSI"u8;

    /// <inheritdoc/>
    public override byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderBytes + (5 * (_terms.Length + _common.Length)) + (8 * _terms.Length) + _codes.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)Dimensions);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), FittedOn);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), _terms.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), _common.Length);
        int at = HeaderBytes;
        WriteNumbers(bytes, ref at, _terms);
        WriteNumbers(bytes, ref at, _common);
        for (int row = 0; row < _terms.Length; row++, at += 8)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), _idf[row]);
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at + 4), _scales[row]);
        }

        foreach (sbyte code in _codes)
            bytes[at++] = (byte)code;
        return bytes[..at];
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="termCount">Terms of the table; numbers must be below.</param>
    /// <exception cref="InvalidDataException">Another format or version, cut, or numbers that no model has.</exception>
    internal static LsiModel Parse(ReadOnlySpan<byte> bytes, int termCount)
    {
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic) || BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) != Version)
            throw new InvalidDataException("stored model: another format");
        int dimensions = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        long chunks = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        uint termsCount = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]), commonCount = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
        if (dimensions > MaxDimensions || chunks < 0 || ((long)termsCount * (9 + dimensions)) + commonCount > bytes.Length - HeaderBytes)
            throw new InvalidDataException("stored model: wrong size");
        int at = HeaderBytes;
        int[] terms = ReadNumbers(bytes, ref at, (int)termsCount, termCount);
        int[] common = ReadNumbers(bytes, ref at, (int)commonCount, termCount);
        if (bytes.Length - at != (long)termsCount * (8 + dimensions))
            throw new InvalidDataException("stored model: wrong size");
        float[] idf = new float[terms.Length], scales = new float[terms.Length];
        for (int row = 0; row < terms.Length; row++, at += 8)
        {
            idf[row] = BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]);
            scales[row] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(at + 4)..]);
            if (!(idf[row] is >= 0 and < 100) || !(scales[row] is >= 0 and < 1e6f))
                throw new InvalidDataException("stored model: a weight out of range");
        }

        sbyte[] codes = new sbyte[(long)terms.Length * dimensions];
        for (int i = 0; i < codes.Length; i++)
            codes[i] = (sbyte)bytes[at + i];
        return new LsiModel(dimensions, chunks, terms, idf, common, scales, codes);
    }

    private static void WriteNumbers(Span<byte> bytes, ref int at, int[] numbers)
    {
        int before = -1;
        foreach (int number in numbers)
        {
            Varint.Write(bytes, ref at, (uint)(number - before - 1));
            before = number;
        }
    }

    private static int[] ReadNumbers(ReadOnlySpan<byte> bytes, ref int at, int count, int bound)
    {
        int[] numbers = new int[count];
        long before = -1;
        for (int i = 0; i < count; i++)
        {
            before += Varint.Read(bytes, ref at) + 1L;
            if (before >= bound)
                throw new InvalidDataException("stored model: a term that the table does not have");
            numbers[i] = (int)before;
        }

        return numbers;
    }
}
