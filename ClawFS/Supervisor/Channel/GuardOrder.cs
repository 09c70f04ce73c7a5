namespace ClawFS.Supervisor;

/// <summary>The one byte of a message between the supervisor and guard; docs/ipc.md is the table.</summary>
public enum GuardOrder : byte
{
    /// <summary>To guard, with its end of a new channel to fs.</summary>
    Link = 1,

    /// <summary>To guard: let go of the mount, which is about to be unmounted; then answer <see cref="Unbound"/>.</summary>
    Unbind = 2,

    /// <summary>From guard: nothing of its own is bound in the mount any more.</summary>
    Unbound = 0x81,
}
