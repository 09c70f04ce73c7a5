using ClawFS.Linux;

namespace ClawOS.Security.Guard;

/// <summary>
/// Who speaks at a launch socket. The socket says it, and nobody is asked: each view has a socket of its own. What is launched by a view's principal counts with it, and so
/// does what that launches in its turn: a sandbox that starts sandboxes that start sandboxes ends at <see cref="MostRuns"/>. Two principals are never equal.
/// </summary>
internal sealed class Principal
{
    /// <summary>Sandboxes at one time that a view's principal has started, directly or not; and clients of its socket and of theirs.</summary>
    internal const int MostRuns = 8, MostClients = 16;

    private readonly Lock gate = new();
    private readonly HashSet<SeqPacketSocket> clients = [];
    private readonly Principal first;
    private int runs, places; // Of the whole family, in its first; under that one's gate.
    private bool isClosed;

    private Principal() => first = this;

    /// <summary>The principal of a view.</summary>
    /// <param name="policy">The policy that everything started here is within.</param>
    /// <param name="workspace">What $WORKSPACE stands for.</param>
    /// <param name="launcher">Who had its sandbox launched.</param>
    internal Principal(string policy, string workspace, Principal launcher)
    {
        (Policy, Workspace) = (policy, workspace);
        first = launcher == Owner ? this : launcher.first;
    }

    /// <summary>The owner of the mount.</summary>
    internal static Principal Owner { get; } = new();

    /// <summary>The policy that everything started here is within; null at the owner's socket, where any may be named.</summary>
    internal string? Policy { get; }

    /// <summary>What $WORKSPACE stands for; null: the request says it.</summary>
    internal string? Workspace { get; }

    /// <summary>The view of the sandbox with which it began: whatever goes back to one sandbox has this in common.</summary>
    internal Principal Family => first;

    /// <summary>Takes one of the places for sandboxes; <see cref="LeaveRun"/> gives it back. The owner's are those of <see cref="RunTable"/>.</summary>
    internal bool TryEnterRun()
    {
        lock (first.gate)
        {
            if (this == Owner)
            {
                return true;
            }

            bool hasRoom = first.runs < MostRuns;
            first.runs += hasRoom ? 1 : 0;
            return hasRoom;
        }
    }

    internal void LeaveRun()
    {
        lock (first.gate)
        {
            first.runs -= this == Owner ? 0 : 1;
        }
    }

    /// <summary>Takes in a client of its socket.</summary>
    /// <returns>False when there are too many, or the view is gone.</returns>
    internal bool TryAdd(SeqPacketSocket client)
    {
        if (this == Owner)
        {
            return true;
        }

        lock (first.gate)
        {
            bool isTaken = !isClosed && first.places < MostClients && clients.Add(client);
            first.places += isTaken ? 1 : 0;
            return isTaken;
        }
    }

    /// <summary>Before the client's socket is closed.</summary>
    internal void Remove(SeqPacketSocket client)
    {
        lock (first.gate)
        {
            first.places -= clients.Remove(client) ? 1 : 0;
        }
    }

    /// <summary>The view is gone: its clients are cut off, which ends what they had started, and there are no further ones.</summary>
    internal void Close()
    {
        lock (first.gate)
        {
            isClosed = true;
            foreach (SeqPacketSocket client in clients)
            {
                client.Shutdown();
            }
        }
    }
}
