using System.Security.Cryptography;

namespace ClawFS.Vfs;

/// <summary>
/// Generated names of a folder at one moment, ordered by a hash of the name, which is the position too: a reader needs no handle and goes on in
/// whatever the folder is by then, under a successor as well, and an entry that stays is listed once.
/// </summary>
internal sealed class FolderListing
{
    /// <summary>Positions below this are "." and "..".</summary>
    public const ulong FirstKey = 16;

    // A quarter of the range of cookies: there is room above for equal hashes, which move up, and for a first cookie of 2^62.
    private const ulong KeyMask = (1UL << 61) - 1;

    private readonly Place[] places;

    private FolderListing(Place[] places) => this.places = places;

    /// <summary>Puts names in order; each must be there once.</summary>
    public static FolderListing Of(IEnumerable<(byte[] Name, ulong Ino, uint Mode)> names)
    {
        Place[] places = [.. names.Select(static each => new Place(KeyOf(each.Name), each.Name, each.Ino, each.Mode))];
        Array.Sort(places, static (a, b) => a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Name.AsSpan().SequenceCompareTo(b.Name));
        for (int i = 1; i < places.Length; i++)
        {
            if (places[i].Key <= places[i - 1].Key)
            {
                places[i] = places[i] with { Key = places[i - 1].Key + 1 };
            }
        }
        return new(places);
    }

    /// <summary>
    /// Adds the names from a position on until the buffer is full. Attributes are never sent along: they would be references that
    /// nobody asked for, and a rendering for each file of an `ls`.
    /// </summary>
    /// <param name="from">The lowest position that counts.</param>
    /// <param name="firstCookie">The cookie of position 0.</param>
    /// <param name="sink">The buffer.</param>
    public void Read(ulong from, ulong firstCookie, DirSink sink)
    {
        int low = 0;
        for (int high = places.Length; low < high;)
        {
            int middle = (low + high) / 2;
            (low, high) = places[middle].Key < from ? (middle + 1, high) : (low, middle);
        }
        foreach (Place place in places.AsSpan(low))
        {
            if (!sink.Add(place.Name, place.Ino, place.Mode, firstCookie + place.Key + 1))
            {
                return;
            }
        }
    }

    /// <summary>Whether a reader sees the same names, numbers and types.</summary>
    public bool Shows(FolderListing other) => places.AsSpan().SequenceEqual(other.places);

    private static ulong KeyOf(ReadOnlySpan<byte> name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        return Math.Max(BitConverter.ToUInt64(hash) & KeyMask, FirstKey);
    }

    private readonly record struct Place(ulong Key, byte[] Name, ulong Ino, uint Mode)
    {
        public bool Equals(Place other) => Key == other.Key && Ino == other.Ino && Mode == other.Mode && Name.AsSpan().SequenceEqual(other.Name);
        public override int GetHashCode() => Key.GetHashCode();
    }
}
