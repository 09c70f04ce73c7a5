namespace ClawOS.Security.Exec;

/// <summary>What signals do.</summary>
internal static unsafe class Signals
{
    private const int Last = 64, MaskBytes = 8, ActionBytes = 32;

    internal static void Ignore(int signal) => Set(signal, handler: 1);

    /// <summary>Every signal as a new program expects it: not ignored, not blocked. Those that cannot be set are as they should be.</summary>
    internal static void SetToDefault()
    {
        const int SetMask = 2;
        for (int signal = 1; signal <= Last; signal++)
        {
            Set(signal, handler: 0);
        }

        ulong none = 0;
        Kernel.Call(CallNumber.RtSigprocmask, SetMask, (nint)(&none), 0, MaskBytes);
    }

    private static void Set(int signal, nint handler)
    {
        byte* action = stackalloc byte[ActionBytes];
        new Span<byte>(action, ActionBytes).Clear();
        *(nint*)action = handler;
        Kernel.Call(CallNumber.RtSigaction, signal, (nint)action, 0, MaskBytes);
    }
}
