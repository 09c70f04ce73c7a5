using System.Text.Json.Serialization;

namespace ClawOS.Security.GuardLink;

/// <summary>What a client says at a launch socket: one message, with its descriptors. docs/ipc.md is the table.</summary>
/// <remarks>Members that a client leaves out, or says null for, are null at first whatever their initial value here says: the generated reader sets them all.</remarks>
public sealed record LaunchMessage
{
    /// <summary>Whether no text in it is missing in the middle of others, and each variable has a name. What a client has sent is asked this before anything else.</summary>
    public bool IsWhole =>
        (Launch is not { } launch || (launch.Command.All(static word => word is not null) && launch.Environment.All(static variable => variable.Value is not null && IsVariable(variable.Key))))
        && (Ask is not { } ask || ask.Card.All(static line => line is not null && line.List?.All(static text => text is not null) != false));

    // What it is called is what a program gets: with a sign of its own it would be another one.
    private static bool IsVariable(string name) => name.Length > 0 && name.AsSpan().IndexOfAny('=', '\0') < 0;

    /// <summary>Start a command; with it come standard input, output and error, in this order, and perhaps the client's working folder.</summary>
    public LaunchOrder? Launch { get; init; }

    /// <summary>A sandbox is being started by the client; with it comes one end of a SOCK_SEQPACKET pair, on which both speak frames.</summary>
    public RegisterOrder? Register { get; init; }

    /// <summary>Ask the owner about something that the client will do itself, when there is a yes.</summary>
    public AskOrder? Ask { get; init; }
}

/// <summary>A question to the owner. The client gets the approval, then the outcome; of a yes it says what has become (<see cref="YesUsed"/>).</summary>
public sealed record AskOrder
{
    /// <summary>What is shown.</summary>
    public IReadOnlyList<CardField> Card { get => field ?? []; init; } = [];

    /// <summary>What a no stands for: the same process is not asked about the same again for a while. Null: for nothing.</summary>
    public string? Question { get; init; }
}

/// <summary>What a client has made of a yes.</summary>
public sealed record YesUsed
{
    /// <summary>True: it does what it asked for. False: that is something else by now, and is not done.</summary>
    public bool Used { get; init; }
}

/// <summary>A command to start.</summary>
public sealed record LaunchOrder
{
    /// <summary>The name of the policy; null: the one of the view that the socket belongs to.</summary>
    public string? Policy { get; init; }

    /// <summary>What $WORKSPACE stands for; a view's socket has its own.</summary>
    public string? Workspace { get; init; }

    /// <summary>The words of the command.</summary>
    public IReadOnlyList<string> Command { get => field ?? []; init; } = [];

    /// <summary>The working folder, absolute, as the new sandbox sees it; null: its own /tmp.</summary>
    public string? Folder { get; init; }

    /// <summary>The environment of the command, whole.</summary>
    public IReadOnlyDictionary<string, string> Environment { get => field ?? None; init; } = None;

    private static Dictionary<string, string> None { get; } = [];
}

/// <summary>A sandbox that a person has started.</summary>
public sealed record RegisterOrder
{
    /// <summary>The name of its policy.</summary>
    public string Policy { get => field ?? ""; init; } = "";

    /// <summary>The process id of its claw-exec.</summary>
    public int Pid { get; init; }

    /// <summary>The name of its view, which the client holds and which gets a launch socket; null: it gets none.</summary>
    public string? View { get; init; }

    /// <summary>What $WORKSPACE stands for in it; wanted with <see cref="View"/>.</summary>
    public string? Workspace { get; init; }
}

/// <summary>What guard answers: one when the owner is asked, of a launch one when it runs and one when it has ended, else one.</summary>
public sealed record LaunchReply
{
    /// <summary>The sandbox's name in `run/list`, once it is there.</summary>
    public string? Run { get; init; }

    /// <summary>The name of the approval that it waits for: more answers follow.</summary>
    public string? Approval { get; init; }

    /// <summary>When that expires, milliseconds since 1970.</summary>
    public long? Expires { get; init; }

    /// <summary>How an approval ended: accepted, denied, expired, withdrawn, changed.</summary>
    public string? Outcome { get; init; }

    /// <summary>What is asked for by the policy and enforced by nothing here.</summary>
    public IReadOnlyList<string>? Missing { get; init; }

    /// <summary>Why it ended: exited, signalled, outOfMemory, timedOut, refused, killed.</summary>
    public string? Reason { get; init; }

    /// <summary>The exit code, or the signal.</summary>
    public int? Code { get; init; }

    /// <summary>Why it was not started; with <see cref="Reason"/>, why it was ended.</summary>
    public string? Error { get; init; }
}

/// <summary>The JSON of launch sockets.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(LaunchMessage))]
[JsonSerializable(typeof(LaunchReply))]
[JsonSerializable(typeof(YesUsed))]
public sealed partial class LaunchJson : JsonSerializerContext;
