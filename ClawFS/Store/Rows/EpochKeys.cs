using ClawFS.Crypto;

namespace ClawFS.Store.Rows;

/// <summary>
/// The keys of the epochs. Every opening for writing seals under an epoch of its own, with a fresh random salt: whatever a crash, a restore or a copy
/// rewinds, no (key, nonce) pair comes again. Version = epoch (24 bits) | counter (40 bits). Keys of old epochs are derived when needed into a fixed number of
/// contexts, so that a store of many epochs takes no more locked memory than one of few.
/// </summary>
internal sealed class EpochKeys : IDisposable
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltSize = 32;

    /// <summary>Most epochs of a store: how often it can be opened for writing.</summary>
    public const int MaxEpochs = (1 << 24) - 1;

    private const string Purpose = "claw row epoch";
    private const int CounterBits = 40, Slots = 16;

    private readonly SecretKey rowsKey;
    private readonly byte[] salts;
    private readonly Slot[] slots = new Slot[Slots];
    private readonly Aead? current;
    private ulong counter;

    /// <summary>Takes the salts of all epochs, the first is epoch 1.</summary>
    /// <param name="rowsKey">Must outlive this.</param>
    /// <param name="salts"><see cref="SaltSize"/> bytes an epoch.</param>
    /// <param name="writing">The last epoch is new and this process seals under it.</param>
    public EpochKeys(SecretKey rowsKey, byte[] salts, bool writing)
    {
        this.rowsKey = rowsKey;
        this.salts = salts;
        for (int i = 0; i < Slots; i++)
            slots[i] = new Slot();
        if (writing)
            DeriveInto(rowsKey, CurrentSalt, current = new Aead());
    }

    /// <summary>Number of epochs; the last one is the current.</summary>
    public int Count => salts.Length / SaltSize;

    /// <summary>The salts, one after another.</summary>
    public ReadOnlySpan<byte> Salts => salts;

    /// <summary>The salt of the last epoch.</summary>
    public ReadOnlySpan<byte> CurrentSalt => salts.AsSpan(salts.Length - SaltSize);

    /// <summary>The key to seal with.</summary>
    public Aead Current => current ?? throw new InvalidOperationException("not opened for writing");

    /// <summary>A version that no row has or had. Only for the committing thread.</summary>
    public ulong NextVersion()
    {
        if (++counter >> CounterBits != 0)
            throw StoreException.Damaged("the row epoch is used up; open the store again");
        return (ulong)Count << CounterBits | counter;
    }

    /// <summary>Derives the key that belongs to a salt.</summary>
    public static void DeriveInto(SecretKey rowsKey, ReadOnlySpan<byte> salt, Aead key) => rowsKey.DeriveInto(salt, Purpose, key);

    /// <summary>Opens a body under the epoch of its version. Allocates nothing. Safe for several threads.</summary>
    public bool Open(Guid store, ulong id, RowKind kind, ReadOnlySpan<byte> body, Span<byte> plaintext)
    {
        ulong epoch = RowSeal.VersionOf(body) >> CounterBits;
        if (epoch == 0 || epoch > (ulong)Count)
            return false;
        if (current is not null && epoch == (ulong)Count)
            return RowSeal.Open(current, store, id, kind, default, body, plaintext);
        Slot slot = slots[(int)(epoch % Slots)];
        lock (slot.Gate)
        {
            if (slot.Epoch != epoch)
            {
                slot.Key ??= new Aead();
                slot.Epoch = 0;
                DeriveInto(rowsKey, salts.AsSpan(((int)epoch - 1) * SaltSize, SaltSize), slot.Key);
                slot.Epoch = epoch;
            }
            return RowSeal.Open(slot.Key!, store, id, kind, default, body, plaintext);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        current?.Dispose();
        foreach (Slot slot in slots)
            slot.Key?.Dispose();
    }

    private sealed class Slot
    {
        public Lock Gate { get; } = new();
        public ulong Epoch { get; set; }
        public Aead? Key { get; set; }
    }
}
