using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox.Asking;

namespace ClawOS.Security.Guard;

/// <summary>The lines of a card about one system call.</summary>
public static class CallCard
{
    /// <summary>What a no to a call stands for: the same call with the same numbers, by whichever process of that program.</summary>
    public static string QuestionOf(AskedCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return $"{call.Name} {string.Join(' ', call.Registers)} {call.Program}";
    }

    /// <summary>What is shown.</summary>
    /// <param name="policy">The policy that has it asked.</param>
    /// <param name="call">The call.</param>
    public static IReadOnlyList<CardField> Fields(string policy, AskedCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return
        [
            CardField.Of("what", "call"),
            CardField.Of("policy", policy),
            CardField.Of("call", call.Name),
            CardField.Of("registers", [.. call.Registers.Select(static register => $"0x{register:x}")]),
            .. call.Words.Count == 0 ? (CardField[])[] : [CardField.Of("meaning", call.Words)],
            CardField.Of("process", $"{call.ProcessName}, process {call.ThreadId}"),
            CardField.Of("program", call.Program),
        ];
    }
}
