namespace ClawFS.Search.Index;

/// <summary>The chunks of a moment by what they are made of (<see cref="ChunkIdentity"/>); those that are equal follow one another. Not changed once it is made.</summary>
internal sealed class ChunkIdentities
{
    private readonly Dictionary<ulong, uint> first = [];
    private readonly Dictionary<uint, uint> alike = [];

    /// <summary>Lists the chunks of an index.</summary>
    public ChunkIdentities(ChunkTable chunks)
    {
        for (uint chunk = chunks.Count; chunk-- > 0;)
        {
            ChunkPlace place = chunks[chunk];
            if (place.File is null)
            {
                continue;
            }
            ulong id = ChunkIdentity.Of(place);
            if (first.TryGetValue(id, out uint other))
            {
                alike[chunk] = other;
            }
            first[id] = chunk;
        }
    }

    /// <summary>The first chunk of an identity.</summary>
    public bool TryFind(ulong id, out uint chunk) => first.TryGetValue(id, out chunk);

    /// <summary>The next chunk of the same identity; null after the last.</summary>
    public uint? After(uint chunk) => alike.TryGetValue(chunk, out uint next) ? next : null;
}
