using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Supervisor;

namespace ClawOS.Cli.Services;

/// <summary>The master key as this fs leaves it in the kernel for its successor, while the store is open.</summary>
/// <param name="key">Null where the supervisor could not make a keyring for its services: nothing is kept then.</param>
/// <param name="report">Told once why it is not kept.</param>
internal sealed class KeptKey(KernelKey? key, Action<string> report)
{
    /// <summary>The key of a store in the keyring that this process shares with its supervisor.</summary>
    internal static KeptKey Of(Guid storeId, bool kernelKeys, Action<string> report)
    {
        bool root = ProcessIdentity.Uid == 0;
        return new KeptKey(kernelKeys ? new KernelKey($"claw:{storeId:N}", root ? ServiceUsers.Fs : ProcessIdentity.Uid, shared: !root) : null, report);
    }

    /// <summary>Leaves the key.</summary>
    internal void Leave(SecretKey master)
    {
        if (key is null)
        {
            return;
        }

        using LockedMemory copy = new(SecretKey.Size);
        master.CopyTo(copy.Span);
        if (!key.TryLeave(copy.Span, out Errno error))
        {
            report($"the kernel does not keep the key ({error}): a killed fs needs the key file or claw unlock");
        }
    }

    /// <summary>What the predecessor has left; null when there is none, or it is not the key of these slots.</summary>
    internal SecretKey? Take(KeySlots slots)
    {
        using LockedMemory copy = new(SecretKey.Size);
        if (key?.TryTake(copy.Span) != true)
        {
            return null;
        }

        var master = SecretKey.From(copy.Span);
        if (slots.Hold(master))
        {
            return master;
        }

        master.Dispose();
        return null;
    }

    /// <summary>Removes it: the store is locked, or closed for good.</summary>
    internal void Forget() => key?.Remove();
}
