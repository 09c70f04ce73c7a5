namespace ClawFS.Fuse;

/// <summary>How a connection serves.</summary>
public sealed class FuseOptions
{
    /// <summary>Dedicated threads that read requests; each has two buffers of <see cref="MaxWrite"/>. Default: two a core, at least 4.</summary>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>Most bytes in one WRITE or READ, a multiple of 4096 from 128 KiB to 1 MiB (the kernel's fuse.max_pages_limit). Default: 1 MiB.</summary>
    public int MaxWrite
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 128 << 10);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1 << 20);
            ArgumentOutOfRangeException.ThrowIfNotEqual(value % 4096, 0);
            field = value;
        }
    } = 1 << 20;

    /// <summary>Features not to ask for. Default: none.</summary>
    public FuseFeatures Without { get; init; }

    /// <summary>
    /// Is told of every exception that a tree lets out (the client has got EIO), with what was asked. Runs on the dispatcher thread
    /// and must not throw. Default: nobody is told.
    /// </summary>
    public Action<Exception, FuseOpcode> Report { get; init; } = static (_, _) => { };
}
