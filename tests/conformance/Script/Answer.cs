using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

/// <summary>What an operation gave: an errno name or a text; for opens also the descriptor.</summary>
internal readonly record struct Answer(string Text, bool IsError, long Descriptor = -1)
{
    public static Answer Of(Reply reply) => new(reply.ToString(), reply.Failed);

    public static Answer Of(string text) => new(text, false);

    public static Answer Opened(Reply reply) => new(reply.Failed ? reply.Error! : "ok", reply.Failed, reply.Value);

    /// <summary>The error, or else the text.</summary>
    public static Answer Of(Reply reply, Func<string> text) => reply.Failed ? Of(reply) : Of(text());
}

/// <summary>One operation of the script language.</summary>
internal delegate Answer Operation(World world, string[] arguments);
