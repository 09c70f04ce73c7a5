using System.Globalization;
using ClawFS.Crypto;
using ClawFS.Linux;

namespace ClawFS.Store.Log;

internal sealed partial class Journal
{
    /// <summary>
    /// Hands over every record from <paramref name="from"/> on, in order over all files. A file that ends torn is gone on with by the file that begins with the
    /// very next sequence: the process that found the tear has started it.
    /// </summary>
    /// <param name="from">The first sequence the rows do not hold.</param>
    /// <param name="handler">Its exceptions end the replay.</param>
    /// <exception cref="StoreException">EIO: a gap, an overlap, a damaged file that is not the last. EOPNOTSUPP: a newer format.</exception>
    public ReplayResult Replay(ulong from, ReplayHandler handler)
    {
        if (current is not null)
            throw new InvalidOperationException("the journal is started already");
        var state = new ReplayResult(from, 0, older.Count, Guid.Empty, null, false);
        bool continues = false;
        for (int i = 0; i < older.Count; i++)
        {
            bool last = i == older.Count - 1;
            if (!last && older.Keys[i + 1] <= from)
                continue;
            state = ReplayFile(older.Keys[i], continues, last, from, state, handler);
            continues = true;
        }
        return state;
    }

    private ReplayResult ReplayFile(ulong first, bool continues, bool last, ulong from, ReplayResult state, ReplayHandler handler)
    {
        string name = JournalFile.NameOf(first);
        try
        {
            using StorageFile file = folder.Open(name, StorageMode.Read);
            using Aead key = new Aead();
            byte[] bytes = new byte[JournalHeader.Size];
            int length = file.Read(bytes, 0);
            if (!JournalHeader.TryRead(bytes.AsSpan(0, length), store, journalKey, key, out JournalHeader header) || header.First != first)
                return last ? WithoutHeader(file, name, state) : throw StoreException.Damaged($"journal file {name} has no valid header");
            if (first > state.Next)
                throw StoreException.Damaged($"the journal has a gap: {state.Next} is missing, file {name} begins later");
            if (continues && first < state.Next)
                throw StoreException.Damaged($"the journal overlaps: file {name} begins before {state.Next}");
            return ReadRecords(new JournalReader(file, header, key), name, from, state with { Boot = header.Boot }, handler, file);
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }

    private ReplayResult ReadRecords(JournalReader reader, string name, ulong from, ReplayResult state, ReplayHandler handler, StorageFile file)
    {
        while (reader.TryRead(out byte kind, out ReadOnlySpan<byte> payload))
        {
            ulong sequence = reader.Next - 1;
            if (sequence < from)
                continue;
            handler(sequence, kind, payload);
            state = state with { Records = state.Records + 1 };
        }
        NoteBytes(reader.Position, name);
        long rest = reader.FindRest(out bool authentic);
        return state with
        {
            Next = Math.Max(state.Next, reader.Next),
            Tear = rest < 0 ? null : $"journal file {name} has no valid record at {reader.Position} of {file.Length} bytes",
            DataFollows = authentic,
        };
    }

    /// <summary>The last file without a header: it was being made when the machine stopped, or somebody damaged it.</summary>
    private static ReplayResult WithoutHeader(StorageFile file, string name, ReplayResult state)
    {
        byte[] bytes = new byte[1 << 16];
        bool empty = true;
        int count;
        for (long at = JournalHeader.Size; empty && (count = file.Read(bytes, at)) > 0; at += count)
            empty = bytes.AsSpan(0, count).IndexOfAnyExcept((byte)0) < 0;
        return state with { Tear = $"journal file {name} has no valid header", DataFollows = !empty };
    }

    private void NoteBytes(long bytes, string name)
    {
        ulong first = ulong.Parse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        olderBytes += bytes - older[first];
        older[first] = bytes;
    }

    private static List<ulong> ListFiles(Folder folder)
    {
        var files = new List<ulong>();
        foreach (string name in folder.List())
        {
            if (name.Length == 16 && ulong.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong first) && name == JournalFile.NameOf(first))
                files.Add(first);
        }
        return files;
    }
}
