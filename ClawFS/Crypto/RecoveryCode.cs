using System.Security.Cryptography;

namespace ClawFS.Crypto;

/// <summary>
/// A recovery code: 160 random bits and 15 check bits as 35 symbols of Crockford's base32 in seven groups, for paper:
/// "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX". A mistyped code passes the check once in 32,768 times, and then opens nothing.
/// </summary>
public static class RecoveryCode
{
    internal const int SecretSize = 20;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int SecretSymbols = 32;
    private const int CheckSymbols = 3;
    private const int Symbols = SecretSymbols + CheckSymbols;
    private const int Group = 5;

    /// <summary>A new random code as text. Show it once; it is stored nowhere.</summary>
    public static string Generate()
    {
        Span<byte> secret = stackalloc byte[SecretSize];
        RandomNumberGenerator.Fill(secret);
        string text = Format(secret);
        CryptographicOperations.ZeroMemory(secret);
        return text;
    }

    /// <summary>Reads a code as typed: either case, O for 0, I or L for 1, blanks and hyphens anywhere.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.Mistyped"/>: a wrong symbol, length or check.</exception>
    public static Credential Parse(ReadOnlySpan<char> text)
    {
        Span<byte> values = stackalloc byte[Symbols];
        Span<byte> secret = stackalloc byte[SecretSize];
        try
        {
            ReadSymbols(text, values);
            Pack(values[..SecretSymbols], secret);
            if (Check(secret) != (values[^3] << 10 | values[^2] << 5 | values[^1]))
                throw Mistyped("its check symbols do not fit");
            return Credential.FromRecovery(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(values);
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    internal static string Format(ReadOnlySpan<byte> secret)
    {
        Span<char> text = stackalloc char[Symbols + (Symbols - 1) / Group];
        int check = Check(secret);
        for (int i = 0, at = 0; i < Symbols; i++)
        {
            if (i > 0 && i % Group == 0)
                text[at++] = '-';
            int value = i < SecretSymbols ? Bits(secret, i * 5) : check >> (5 * (Symbols - 1 - i)) & 31;
            text[at++] = Alphabet[value];
        }
        string code = new(text);
        text.Clear();
        return code;
    }

    private static void ReadSymbols(ReadOnlySpan<char> text, Span<byte> values)
    {
        int count = 0;
        foreach (char typed in text)
        {
            if (typed == '-' || char.IsWhiteSpace(typed))
                continue;
            int value = Alphabet.IndexOf(Normalize(typed));
            if (value < 0)
                throw Mistyped("it has a character that no code has");
            if (count == values.Length)
                throw Mistyped("it is too long");
            values[count++] = (byte)value;
        }
        if (count < values.Length)
            throw Mistyped("it is too short");
    }

    private static char Normalize(char typed) => char.ToUpperInvariant(typed) switch
    {
        'O' => '0',
        'I' or 'L' => '1',
        char other => other,
    };

    // The five bits from position bit, most significant first; they may span two bytes.
    private static int Bits(ReadOnlySpan<byte> secret, int bit)
    {
        int at = bit / 8;
        int window = secret[at] << 8 | (at + 1 < secret.Length ? secret[at + 1] : 0);
        return window >> (11 - bit % 8) & 31;
    }

    private static void Pack(ReadOnlySpan<byte> values, Span<byte> secret)
    {
        int window = 0;
        int bits = 0;
        int at = 0;
        foreach (byte value in values)
        {
            window = (window << 5 | value) & 0xFFF;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                secret[at++] = (byte)(window >> bits);
            }
        }
    }

    // The first 15 bits of SHA-256: tells next to nothing about 160 random bits.
    private static int Check(ReadOnlySpan<byte> secret)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, digest);
        return (digest[0] << 8 | digest[1]) >> 1;
    }

    private static KeyException Mistyped(string why) => new(KeyError.Mistyped, $"this is not a recovery code: {why}");
}
