namespace ClawFS.Supervisor;

/// <summary>
/// What the first byte of a message between the supervisor and fs means; docs/ipc.md is the table. The rest of the message is
/// UTF-8 text or nothing, except where it says otherwise.
/// </summary>
public enum FsFrame : byte
{
    /// <summary>To fs, with the mounted /dev/fuse descriptor: serve it.</summary>
    Serve = 1,

    /// <summary>To fs, with its end of the channel to a new notify worker, which says its thread id there.</summary>
    NotifyLink = 2,

    /// <summary>To fs: make all that was answered durable, then answer <see cref="Committed"/>.</summary>
    Commit = 3,

    /// <summary>To fs: close the store and exit; only before <see cref="Serve"/>.</summary>
    Leave = 4,

    /// <summary>To fs, with its end of the channel to a new embed worker, which waits for a model there; one byte, which of the workers it is.</summary>
    EmbedLink = 5,

    /// <summary>To fs, with its end of a new channel to guard, which says Hello there.</summary>
    GuardLink = 6,

    /// <summary>From fs: the store is open, privilege is given up, the descriptor may come.</summary>
    Opened = 0x81,

    /// <summary>From fs: the kernel's INIT is answered; requests are served.</summary>
    Ready = 0x82,

    /// <summary>From fs before it exits: it could not start. One byte, claw's exit code, then the reason.</summary>
    Failed = 0x83,

    /// <summary>From fs: the answer to <see cref="Commit"/>.</summary>
    Committed = 0x84,

    /// <summary>From fs: what it is busy with, for whoever waits for the start or the end.</summary>
    Progress = 0x85,

    /// <summary>
    /// From fs, before <see cref="Ready"/>: what a successor must know (INIT is sent only once), in bytes that only fs reads. A fs whose kernel cannot ask a
    /// successor again for requests under way (before Linux 6.9) does not send it.
    /// </summary>
    Session = 0x86,

    /// <summary>From fs, before <see cref="Ready"/> and at each change: one byte, 1 while the store is locked, else 0.</summary>
    Locked = 0x87,

    /// <summary>
    /// From fs: which embed worker it wants: one byte says which of the two (while another model takes the place of one, both run), one is of <see cref="EmbedWish"/>.
    /// One that runs in that place is killed first, so asking again is how fs gets rid of a worker that does not answer.
    /// </summary>
    Embed = 0x88,
}
