using System.Text.Json;

namespace ClawOS.Security.Exec;

/// <summary>What guard answers a stand-in; members that it does not need are left out.</summary>
internal struct AskReply
{
    /// <summary>What waits for the owner's word.</summary>
    internal string? Approval;

    /// <summary>Why the command does not run, or, with a reason, why it was ended.</summary>
    internal string? Error;

    /// <summary>How it ended.</summary>
    internal string? Reason;

    /// <summary>The exit code, or the signal.</summary>
    internal int Code;

    internal static AskReply Read(ReadOnlySpan<byte> json)
    {
        AskReply reply = default;
        try
        {
            Utf8JsonReader reader = new(json);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                if (reader.ValueTextEquals("approval"u8))
                {
                    reply.Approval = TextBehind(ref reader);
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    reply.Error = TextBehind(ref reader);
                }
                else if (reader.ValueTextEquals("reason"u8))
                {
                    reply.Reason = TextBehind(ref reader);
                }
                else if (reader.ValueTextEquals("code"u8) && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int code))
                {
                    reply.Code = code;
                }
            }
        }
        catch (JsonException)
        {
            reply.Error = "guard's answer cannot be read";
        }

        return reply;
    }

    private static string? TextBehind(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
}
