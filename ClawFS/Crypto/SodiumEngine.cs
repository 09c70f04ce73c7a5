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
        SodiumAesGcm.BeforeNm(state.Span, key);
        keyed = true;
    }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> sealedOut)
    {
        ThrowUnlessKeyed();
        SodiumAesGcm.EncryptAfterNm(sealedOut, plaintext, aad, nonce, state.Span);
    }

    public override bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> sealedIn, Span<byte> plaintext)
    {
        ThrowUnlessKeyed();
        return SodiumAesGcm.DecryptAfterNm(plaintext, sealedIn, aad, nonce, state.Span);
    }

    public override void Dispose() => state.Dispose();

    private void ThrowUnlessKeyed()
    {
        if (!keyed)
            throw NoKey();
    }
}
