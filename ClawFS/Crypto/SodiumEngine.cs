using ClawFS.Linux;
using ClawFS.Linux.Sodium;

namespace ClawFS.Crypto;

/// <summary>libsodium's AES-256-GCM: the expanded key lies in locked memory, and re-keying is one call without allocation.</summary>
internal sealed class SodiumEngine : AesGcmEngine
{
    private readonly LockedMemory state = new(SodiumAesGcm.StateBytes);
    private bool keyed;

    public override void SetKey(ReadOnlySpan<byte> key)
    {
        using LockedMemory.Lease held = state.Hold();
        SodiumAesGcm.BeforeNm(held.Span, key);
        keyed = true;
    }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
    {
        ThrowUnlessKeyed();
        using LockedMemory.Lease held = state.Hold();
        SodiumAesGcm.EncryptAfterNm(ciphertext, tag, plaintext, aad, nonce, held.Span);
    }

    public override bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        ThrowUnlessKeyed();
        using LockedMemory.Lease held = state.Hold();
        return SodiumAesGcm.DecryptAfterNm(plaintext, ciphertext, tag, aad, nonce, held.Span);
    }

    public override void Dispose() => state.Dispose();

    private void ThrowUnlessKeyed()
    {
        if (!keyed)
            throw NoKey();
    }
}
