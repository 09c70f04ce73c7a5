using System.Text;
using static ClawFS.Linux.KeyCalls;

namespace ClawFS.Linux;

/// <summary>
/// A secret that a process leaves in its session keyring for its successor (user-keyring type "user"): in the kernel's memory, never in swap, gone with the
/// session. Under root it belongs to the service's user, and possession alone gives no right: root's own processes in the session are refused (EACCES)
/// unless they take that user's id. Without root only who possesses the keyring may read it; other processes of the same user are refused.
/// </summary>
/// <remarks>Every call is one or a few system calls on the calling thread, any thread.</remarks>
public sealed unsafe class KernelKey
{
    private readonly byte[] description;
    private readonly uint owner;
    private readonly uint permissions;

    /// <summary>Names the key; nothing is made yet.</summary>
    /// <param name="description">What /proc/keys shows to the owner.</param>
    /// <param name="owner">The user who may read it. As root another user's id is possible.</param>
    /// <param name="shared">Whether processes of the same user, which must be able to read it, are told from others by the session only (no root).</param>
    public KernelKey(string description, uint owner, bool shared)
    {
        this.description = [.. Encoding.UTF8.GetBytes(description), 0];
        this.owner = owner;
        permissions = shared ? PossessorUses | OwnerSees : OwnerUses;
    }

    /// <summary>Leaves the secret, in place of an earlier one.</summary>
    /// <param name="secret">Copied into the kernel; at most 32,767 bytes.</param>
    /// <param name="error">Why not; then nothing is left, the earlier one included.</param>
    public bool TryLeave(ReadOnlySpan<byte> secret, out Errno error)
    {
        uint before = Become();
        try
        {
            _ = Invalidate();
            // In the thread's own keyring nobody else sees it before its permissions are what they should be.
            int key;
            fixed (byte* name = description)
                key = AddUserKey(name, secret, KEY_SPEC_THREAD_KEYRING);
            bool left = key >= 0
                && Keyctl(KEYCTL_SETPERM, key, (nint)permissions) == 0
                && Keyctl(KEYCTL_LINK, key, KEY_SPEC_SESSION_KEYRING) == 0;
            error = left ? Errno.Ok : LinuxException.Last;
            if (key >= 0)
            {
                _ = Keyctl(KEYCTL_CLEAR, KEY_SPEC_THREAD_KEYRING);
            }
            return left;
        }
        finally
        {
            Restore(before);
        }
    }

    /// <summary>Reads the secret.</summary>
    /// <param name="secret">Receives it.</param>
    /// <returns>False when there is none of this length, or this process may not read it.</returns>
    public bool TryTake(Span<byte> secret)
    {
        uint before = Become();
        try
        {
            nint key = Search();
            return key >= 0 && Read(key, secret) == secret.Length;
        }
        finally
        {
            Restore(before);
        }
    }

    /// <summary>Removes the secret at once for everybody; the kernel zeroes it.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove()
    {
        uint before = Become();
        try
        {
            return Invalidate();
        }
        finally
        {
            Restore(before);
        }
    }

    private bool Invalidate()
    {
        nint key = Search();
        return key >= 0 && Keyctl(KEYCTL_INVALIDATE, key) == 0;
    }

    private nint Search()
    {
        fixed (byte* type = "user\0"u8)
        fixed (byte* name = description)
            return Keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, (nint)type, (nint)name);
    }

    /// <summary>The kernel goes by the file-system uid, which is the thread's own: root takes the owner's for the moment.</summary>
    private uint Become() => ProcessIdentity.Uid == owner ? owner : (uint)setfsuid(owner);

    private void Restore(uint before)
    {
        if (before != owner)
        {
            _ = setfsuid(before);
        }
    }
}
