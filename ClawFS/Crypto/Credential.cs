using System.Text;
using ClawFS.Linux;

namespace ClawFS.Crypto;

/// <summary>What the owner shows to open a store: a key file, a passphrase or a recovery code, held in locked memory.</summary>
public sealed class Credential : IDisposable
{
    private readonly LockedMemory memory;

    private Credential(SlotKind kind, LockedMemory memory)
    {
        Kind = kind;
        this.memory = memory;
    }

    /// <summary>Which slots it can open.</summary>
    public SlotKind Kind { get; }

    internal ReadOnlySpan<byte> Secret => memory.Span;

    /// <summary>How messages call it.</summary>
    internal string Name => Kind switch
    {
        SlotKind.KeyFile => "key file",
        SlotKind.Passphrase => "passphrase",
        _ => "recovery code",
    };

    /// <summary>The 32 bytes of a key file; see <see cref="KeyFile.Read"/>.</summary>
    public static Credential FromKey(ReadOnlySpan<byte> key)
    {
        SecretKey.ThrowUnlessKeySize(key.Length);
        return From(SlotKind.KeyFile, key);
    }

    /// <summary>A passphrase as typed: its UTF-8 bytes, without normalization. The caller zeroes what it read it into.</summary>
    /// <exception cref="ArgumentException">Empty, or longer than 1,024 bytes.</exception>
    public static Credential FromPassphrase(ReadOnlySpan<char> passphrase)
    {
        int length = Encoding.UTF8.GetByteCount(passphrase);
        if (length is 0 or > 1024)
            throw new ArgumentException("a passphrase has 1 to 1,024 bytes", nameof(passphrase));
        LockedMemory memory = new(length);
        Encoding.UTF8.GetBytes(passphrase, memory.Span);
        return new Credential(SlotKind.Passphrase, memory);
    }

    /// <summary>Zeroes the secret.</summary>
    public void Dispose() => memory.Dispose();

    internal static Credential FromRecovery(ReadOnlySpan<byte> code) => From(SlotKind.Recovery, code);

    private static Credential From(SlotKind kind, ReadOnlySpan<byte> secret)
    {
        LockedMemory memory = new(secret.Length);
        secret.CopyTo(memory.Span);
        return new Credential(kind, memory);
    }
}
