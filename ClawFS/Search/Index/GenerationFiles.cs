using System.Buffers.Binary;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>The hidden files of the vectors: for each generation a log and its rows, and one file that says which generation counts.</summary>
internal static class GenerationFiles
{
    private const string Pointer = "vectors";
    private const string Unfinished = ".new";

    /// <summary>What a log of a generation begins with.</summary>
    public static ReadOnlySpan<byte> LogMagic => "CLAWVEC1"u8;

    private static ReadOnlySpan<byte> PointerMagic => "CLAWGEN1"u8;

    /// <summary>Name of the log: model, links, codes.</summary>
    public static string Log(int number) => $"{Pointer}.{number}";

    /// <summary>Name of the file of full vectors.</summary>
    public static string Rows(int number) => $"{Pointer}.{number}.rows";

    /// <summary>The generation that counts; 0: none.</summary>
    /// <exception cref="InvalidDataException">The file does not say.</exception>
    /// <exception cref="StoreException">The store is damaged or closed.</exception>
    public static int Current(StoredTree tree)
    {
        if (!HiddenFile.Exists(tree, Pointer))
        {
            return 0;
        }
        byte[] content = new byte[PointerMagic.Length + 5];
        int length = new HiddenFile(tree, Pointer).Read(0, content);
        if (length == 0)
        {
            return 0;
        }
        int number = length == content.Length - 1 && content.AsSpan().StartsWith(PointerMagic) ? BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(PointerMagic.Length)) : 0;
        return number > 0 ? number : throw new InvalidDataException("which vectors count cannot be read");
    }

    /// <summary>Makes another generation the one that counts; after a kill it is the one or the other.</summary>
    /// <exception cref="StoreException">The store is full or read-only.</exception>
    public static void Switch(StoredTree tree, int number)
    {
        byte[] content = [.. PointerMagic, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(PointerMagic.Length), number);
        HiddenFile file = new(tree, Pointer + Unfinished);
        file.Truncate(0);
        file.Append(content);
        file.Rotate(Pointer);
    }

    /// <summary>Removes what there is of a generation.</summary>
    /// <exception cref="StoreException">The store is damaged or read-only.</exception>
    public static void Delete(StoredTree tree, int number)
    {
        HiddenFile.Delete(tree, Log(number));
        HiddenFile.Delete(tree, Log(number) + Unfinished);
        HiddenFile.Delete(tree, Rows(number));
    }
}
