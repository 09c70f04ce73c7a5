using ClawFS.Linux;

namespace ClawFS.Search.Embedder;

/// <summary>
/// The way to worker processes, of which there are two places: the model in use, and the one that takes its place. fs starts none itself, since what it starts would have its
/// memory's key beside it; it asks whoever made it, and gets a channel.
/// </summary>
/// <param name="ask">Asks for a worker in a place: null is none, else whether it may use the network. The one that runs there is killed first.</param>
public sealed class EmbedWorkers(Action<int, bool?> ask)
{
    /// <summary>How many places there are.</summary>
    public const int Places = 2;

    private readonly Lock gate = new();
    private readonly Action<SeqPacketSocket>?[] takers = new Action<SeqPacketSocket>?[Places];

    /// <summary>A worker has started: its channel goes to whoever asked for it.</summary>
    public void Attach(int place, SeqPacketSocket channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        Action<SeqPacketSocket>? taker;
        lock (gate)
        {
            taker = (uint)place < Places ? takers[place] : null;
        }
        if (taker is null)
        {
            channel.Dispose(); // Nobody wants it any more.
            return;
        }
        taker(channel);
    }

    internal void Ask(int place, bool mayUseNetwork, Action<SeqPacketSocket> taker)
    {
        lock (gate)
        {
            takers[place] = taker;
        }
        ask(place, mayUseNetwork);
    }

    internal void Dismiss(int place)
    {
        lock (gate)
        {
            takers[place] = null;
        }
        ask(place, null);
    }
}
