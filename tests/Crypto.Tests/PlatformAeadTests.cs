namespace ClawFS.Crypto.Tests;

public sealed class PlatformAeadTests : AeadContract
{
    private protected override AesGcmEngine CreateEngine() => new PlatformEngine();
}
