using System.Buffers.Binary;
using ClawFS.Linux;
using static ClawFS.Crypto.SlotFormat;

namespace ClawFS.Crypto;

/// <summary>
/// The key slots of a store, file claw.keys: each holds the same master key, wrapped for one credential, so that a passphrase
/// changes without touching the data. Not safe for use by several threads; the caller holds the store's lock while it changes them.
/// </summary>
/// <remarks>The format, with a test vector, is docs/key-slots.md. What the MAC finds: slots added, removed or changed by someone
/// without the master key. What it cannot find: the file replaced by an older copy of itself.</remarks>
public sealed class KeySlots
{
    private readonly Folder store;
    private byte[] file;
    private List<Slot> slots;

    private KeySlots(Folder store, byte[] file, List<Slot> slots)
    {
        this.store = store;
        this.file = file;
        this.slots = slots;
    }

    /// <summary>Random number of the store, part of what every slot authenticates.</summary>
    public Guid StoreId => new(file.AsSpan(StoreIdAt, 16), bigEndian: true);

    /// <summary>What the slots say about themselves, in the order in which they were added.</summary>
    public IReadOnlyList<SlotInfo> Slots => [.. slots.Select(slot => slot.Info)];

    /// <summary>Makes the file with a new random master key and one slot; durable on return.</summary>
    /// <param name="store">The store folder, used until the object goes.</param>
    /// <param name="storeId">Random number of the store.</param>
    /// <param name="first">What shall open it.</param>
    /// <param name="label">Up to 64 bytes of UTF-8 for `claw key list`.</param>
    /// <param name="master">The master key; the caller disposes it.</param>
    /// <exception cref="KeyException"><see cref="KeyError.Exists"/>: the folder has key slots.</exception>
    public static KeySlots Create(Folder store, Guid storeId, Credential first, string label, out SecretKey master) =>
        Create(store, storeId, first, label, Argon2Cost.Default, out master);

    /// <summary>Reads the file, with every check that needs no key.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.Missing"/>, <see cref="KeyError.Damaged"/>, <see cref="KeyError.TooNew"/>.</exception>
    public static KeySlots Load(Folder store)
    {
        byte[] file = SlotFile.Read(store);
        List<Slot> slots = [];
        for (int at = HeaderSize; at < file.Length - MacSize - ChecksumSize; at += SlotSize)
            slots.Add(Slot.Parse(file.AsSpan(at, SlotSize)) ?? throw SlotFile.Damaged(store, $"slot {slots.Count + 1} makes no sense"));
        return new KeySlots(store, file, slots);
    }

    /// <summary>
    /// Overwrites the slots with random bytes and removes them, durably: `claw destroy`. Without them the store is noise. Flash
    /// memory and copy-on-write file systems may keep the old blocks.
    /// </summary>
    /// <returns>False when there were none.</returns>
    public static bool Shred(Folder store) => SlotFile.Shred(store, SlotFile.Name) | SlotFile.Shred(store, SlotFile.NewName);

    /// <summary>Tries the credential on every slot of its kind. A passphrase takes about 0.2 s a slot.</summary>
    /// <returns>The master key; the caller disposes it.</returns>
    /// <exception cref="KeyException"><see cref="KeyError.WrongKey"/>; <see cref="KeyError.Damaged"/> when somebody without the key changed the slots.</exception>
    public SecretKey Unlock(Credential credential)
    {
        foreach (Slot slot in slots)
        {
            if (slot.Kind != credential.Kind || slot.TryUnwrap(credential, file.AsSpan(0, StableHeader)) is not { } master)
                continue;
            if (SlotFile.IsAuthentic(file, master))
                return master;
            master.Dispose();
            throw SlotFile.Damaged(store, "slots were added or removed without the key");
        }
        throw new KeyException(KeyError.WrongKey, $"wrong key: no slot of {store.Path}/{SlotFile.Name} opens with this {credential.Name}");
    }

    /// <summary>Whether this is the master key that the slots hold.</summary>
    public bool Hold(SecretKey master) => SlotFile.IsAuthentic(file, master);

    /// <summary>Adds a slot; durable on return, and a crash leaves the slots as they were or with the new one.</summary>
    /// <returns>The number of the slot.</returns>
    /// <exception cref="KeyException"><see cref="KeyError.WrongKey"/>: not this store's master key. <see cref="KeyError.Slot"/>: all 32 slots are taken.</exception>
    /// <exception cref="ArgumentException">The label is longer than 64 bytes.</exception>
    public int Add(SecretKey master, Credential credential, string label) => Add(master, credential, label, Argon2Cost.Default);

    /// <summary>Removes a slot, durably, and overwrites what was stored of it.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.WrongKey"/>: not this store's master key. <see cref="KeyError.Slot"/>: no such slot, or the last one.</exception>
    public void Remove(SecretKey master, int slotId)
    {
        ThrowUnlessMaster(master);
        if (!slots.Exists(slot => slot.Id == slotId))
            throw new KeyException(KeyError.Slot, $"there is no key slot {slotId}");
        if (slots.Count == 1)
            throw new KeyException(KeyError.Slot, $"key slot {slotId} is the last one: without it the data is gone");
        Save(master, slots.FindAll(slot => slot.Id != slotId), NextId);
    }

    internal static KeySlots Create(Folder store, Guid storeId, Credential first, string label, Argon2Cost cost, out SecretKey master)
    {
        if (store.Exists(SlotFile.Name))
            throw new KeyException(KeyError.Exists, $"{store.Path}/{SlotFile.Name} exists already");
        byte[] header = new byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(VersionAt), SlotFormat.Version);
        storeId.TryWriteBytes(header.AsSpan(StoreIdAt), bigEndian: true, out _);
        KeySlots made = new(store, header, []);
        SecretKey key = SecretKey.Random();
        try
        {
            Slot slot = Slot.Wrap(key, first, 1, label, cost, header.AsSpan(0, StableHeader));
            made.Save(key, [slot], nextId: 2);
        }
        catch
        {
            key.Dispose();
            throw;
        }
        master = key;
        return made;
    }

    internal int Add(SecretKey master, Credential credential, string label, Argon2Cost cost)
    {
        ThrowUnlessMaster(master);
        int id = NextId;
        if (slots.Count == MaxSlots || id == ushort.MaxValue)
            throw new KeyException(KeyError.Slot, "no key slot is left; remove one first");
        Slot slot = Slot.Wrap(master, credential, id, label, cost, file.AsSpan(0, StableHeader));
        Save(master, [.. slots, slot], id + 1);
        return id;
    }

    private int NextId => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(NextIdAt));

    private void ThrowUnlessMaster(SecretKey master)
    {
        if (!Hold(master))
            throw new KeyException(KeyError.WrongKey, $"this key is not the master key of {store.Path}");
    }

    private void Save(SecretKey master, List<Slot> next, int nextId)
    {
        byte[] header = file[..HeaderSize];
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(CountAt), (ushort)next.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(NextIdAt), (ushort)nextId);
        byte[] complete = SlotFile.Complete(header, next, master);
        SlotFile.Replace(store, complete);
        file = complete;
        slots = next;
    }
}
