namespace ClawFS.Vfs;

/// <summary>Where one request on a channel ends.</summary>
public enum ChannelFraming
{
    /// <summary>Each line is a request and goes to the service when its newline is written; a last line without one goes at the first read.</summary>
    Line,
    /// <summary>All that was written up to the first read or poll is one request, so that it may hold newlines and come in several writes.</summary>
    Message,
}
