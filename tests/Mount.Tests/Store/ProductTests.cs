using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Store;

/// <summary>Tests that mount a store of their own, because they break it, fill it or take it down.</summary>
public abstract class ProductTests
{
    protected ProductTests()
    {
        if (Environment.GetEnvironmentVariable("CLAW_TEST_DIR") is not null)
            Assert.Skip("CLAW_TEST_DIR is set: this test is about the product's own store");
        Need.Root();
    }

    /// <summary>Content that is the same for the same number.</summary>
    protected static byte[] Content(int number, int length)
    {
        byte[] data = new byte[length];
        new Random(number).NextBytes(data);
        return data;
    }

    /// <summary>The file's bytes, or the message of the error that reading them gave.</summary>
    protected static (byte[]? Data, string Error) TryRead(string path)
    {
        try
        {
            return (File.ReadAllBytes(path), "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
    }
}
