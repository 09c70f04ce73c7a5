using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>The number of a descriptor for the length of one call: the handle cannot be closed, and its number not be reused, meanwhile.</summary>
internal readonly ref struct Borrowed
{
    private readonly SafeHandle? handle;

    /// <param name="handle">The handle to hold; null gives the number -1.</param>
    internal Borrowed(SafeHandle? handle)
    {
        Number = -1;
        if (handle is not null)
        {
            bool held = false;
            handle.DangerousAddRef(ref held);
            this.handle = handle;
            Number = (int)handle.DangerousGetHandle();
        }
    }

    internal int Number { get; }

    public void Dispose() => handle?.DangerousRelease();
}
