using System.Buffers.Binary;
using System.Security.Cryptography;
using ClawFS.Crypto;
using ClawFS.Linux;

namespace ClawFS.Store;

/// <summary>
/// The anchor of a store: a small authenticated file outside the store folder (in the owner's state folder) that says how far the store had come. A store
/// that is behind it was put back from an older copy. Written in place, only after a durable commit; byte table in docs/storage-format.md.
/// </summary>
/// <remarks>The file is opened before fs gives up root, and only its descriptor is used afterwards.</remarks>
public sealed class Anchor : IDisposable
{
    /// <summary>Bytes of the file.</summary>
    internal const int Size = 80;

    private const int Format = 1, StoreAt = 16, CounterAt = 32, RootAt = 40, MacAt = 48;
    private const byte RolledBackFlag = 1;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock guard = new();
    private readonly StorageFile file;
    private SecretKey? key;
    private Guid store;
    private DateTime lastWrite;
    private (ulong Counter, ulong Root) known;
    private (ulong Counter, ulong Root)? written;

    private Anchor(StorageFile file) => this.file = file;

    private static ReadOnlySpan<byte> Magic => "CLAWANCH"u8;

    /// <summary>How the store stood when it was opened, or stands since <see cref="Accept"/>.</summary>
    public AnchorState State { get; private set; }

    /// <summary>Told when the anchor cannot be written; the store goes on, its anchor falls behind.</summary>
    internal Action<string> Report { get; set; } = static _ => { };

    /// <summary>The commit the anchor knows and the one the store was at when it was opened.</summary>
    public (ulong Anchor, ulong Store) Commits { get; private set; }

    /// <summary>Opens the anchor file of a store, or makes it.</summary>
    /// <param name="folder">The folder of anchors.</param>
    /// <param name="storeId">The store's id.</param>
    /// <param name="readOnly">Only compares.</param>
    /// <exception cref="LinuxException">The folder cannot be written.</exception>
    public static Anchor Open(Folder folder, Guid storeId, bool readOnly = false) =>
        new(folder.Open($"{storeId:N}.anchor", readOnly ? StorageMode.Read : StorageMode.CreateOrOpen));

    /// <inheritdoc/>
    public void Dispose()
    {
        key?.Dispose();
        file.Dispose();
    }

    /// <summary>Compares, before the store commits anything.</summary>
    internal void Compare(SecretKey master, Guid storeId, ulong counter, ulong root)
    {
        store = storeId;
        key?.Dispose();
        key = master.Derive("claw anchor");
        written = null;
        if (Read() is not { } there)
        {
            State = AnchorState.Unanchored;
            Commits = (0, counter);
            return;
        }
        known = (there.Counter, there.Root);
        Commits = (known.Counter, counter);
        bool behind = counter < known.Counter || (counter == known.Counter && root != known.Root);
        State = behind || there.RolledBack ? AnchorState.RolledBack : AnchorState.Anchored;
    }

    /// <summary>
    /// Looks at the file once more: one that knows more commits than this process has noted is of another copy of the store, which has come further.
    /// </summary>
    /// <returns>What is wrong with the file, for people; null if it is as it was written.</returns>
    internal string? Recheck()
    {
        lock (guard)
        {
            if (written is not { } mine || State == AnchorState.RolledBack)
            {
                return null;
            }
            try
            {
                (ulong Counter, ulong Root, bool RolledBack)? there = Read();
                if (there is { } other && other.Counter > mine.Counter)
                {
                    State = AnchorState.RolledBack;
                    Commits = (other.Counter, mine.Counter);
                    return null;
                }
                return there is { } same && (same.Counter, same.Root) == mine ? null
                    : $"the anchor is not what was written (commit {mine.Counter}): somebody has changed it";
            }
            catch (LinuxException e)
            {
                return $"the anchor cannot be read: {e.Message}";
            }
        }
    }

    /// <summary>
    /// Notes a durable commit; at most once a second, unless <paramref name="now"/>. A store that was rolled back keeps its anchor, marked, so that it is
    /// still told after its own counter has caught up.
    /// </summary>
    internal void Advance(ulong counter, ulong root, bool now)
    {
        lock (guard)
        {
            if (!now && DateTime.UtcNow - lastWrite < Pause)
            {
                return;
            }
            if (State != AnchorState.RolledBack)
            {
                known = (counter, root);
            }
            try
            {
                Write();
            }
            catch (LinuxException e)
            {
                Report($"the anchor could not be advanced: {e.Message}");
            }
        }
    }

    /// <summary>The owner knows that the store is older and goes on with it.</summary>
    internal void Accept(ulong counter, ulong root)
    {
        lock (guard)
        {
            State = AnchorState.Anchored;
            known = (counter, root);
            Write();
        }
    }

    private void Write()
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Format);
        bytes[10] = State == AnchorState.RolledBack ? RolledBackFlag : (byte)0;
        store.TryWriteBytes(bytes[StoreAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[CounterAt..], known.Counter);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[RootAt..], known.Root);
        key!.Authenticate(bytes[..MacAt], bytes[MacAt..]);
        file.Write(bytes, 0);
        file.SyncData();
        written = known;
        lastWrite = DateTime.UtcNow;
    }

    private (ulong Counter, ulong Root, bool RolledBack)? Read()
    {
        Span<byte> bytes = stackalloc byte[Size];
        return file.Read(bytes, 0) == Size && IsAuthentic(bytes)
            ? (BinaryPrimitives.ReadUInt64LittleEndian(bytes[CounterAt..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[RootAt..]), (bytes[10] & RolledBackFlag) != 0)
            : null;
    }

    private bool IsAuthentic(ReadOnlySpan<byte> bytes)
    {
        Span<byte> mac = stackalloc byte[Size - MacAt];
        key!.Authenticate(bytes[..MacAt], mac);
        return bytes.StartsWith(Magic) && BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) == Format
            && new Guid(bytes.Slice(StoreAt, 16), bigEndian: true) == store && CryptographicOperations.FixedTimeEquals(mac, bytes[MacAt..]);
    }
}
