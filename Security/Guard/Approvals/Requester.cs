using ClawFS.Linux;

namespace ClawOS.Security.Guard;

/// <summary>Who asks for an approval.</summary>
/// <param name="Key">Equal ones are one requester.</param>
/// <param name="Text">For people; a program chooses its own name.</param>
internal sealed record Requester(object Key, string Text)
{
    /// <summary>A client of a launch socket: a view is one requester, whoever asks in it, and so is a view with what goes back to it; at the owner's socket each process is.</summary>
    internal static Requester Of(SeqPacketSocket client, Principal principal)
    {
        PeerCredentials peer = client.Peer;
        string process = $"{ProcessIdentity.CommOf((uint)peer.Pid)}, process {peer.Pid}";
        return principal == Principal.Owner
            ? new Requester(peer.Pid, $"{process} of {UserAccount.Find(peer.Uid)?.Name ?? $"uid {peer.Uid}"}")
            : new Requester(principal.Family, $"{process} in a sandbox of policy {principal.Policy}");
    }
}
