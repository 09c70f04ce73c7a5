using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawOS.Security.Seccomp.Json;

/// <summary>Writes a profile.</summary>
internal static class ProfileWriter
{
    // The text is a file for people and runtimes, not part of a web page: apostrophes stay as they are.
    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static string Write(SeccompProfile profile)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_options))
        {
            json.WriteStartObject();
            if (profile.Comment.Length > 0)
            {
                json.WriteString("comment", profile.Comment);
            }

            WriteAction(json, profile.DefaultAction, "defaultAction", "defaultErrnoRet");
            json.WriteStartArray("architectures");
            foreach (var architecture in profile.Architectures)
            {
                json.WriteStringValue(SyscallTable.For(architecture).ProfileName);
            }

            json.WriteEndArray();
            json.WriteStartArray("syscalls");
            foreach (SyscallGroup group in profile.Groups)
            {
                WriteGroup(json, group);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    private static void WriteGroup(Utf8JsonWriter json, SyscallGroup group)
    {
        json.WriteStartObject();
        json.WriteString("comment", group.Comment);
        json.WriteStartArray("names");
        foreach (string name in group.Names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        WriteAction(json, group.Action, "action", "errnoRet");
        if (group.Arguments.Count > 0)
        {
            json.WriteStartArray("args");
            foreach (ArgumentTest test in group.Arguments)
            {
                json.WriteStartObject();
                json.WriteNumber("index", test.Index);
                json.WriteNumber("value", test.Value);
                if (test.Comparison == Comparison.MaskedEqual)
                {
                    json.WriteNumber("valueTwo", test.ValueTwo);
                }

                json.WriteString("op", ArgumentTest.ProfileNames[(int)test.Comparison]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteAction(Utf8JsonWriter json, FilterAction action, string actionName, string errnoName)
    {
        json.WriteString(actionName, action.ProfileName);
        if (action.Kind == ActionKind.Errno)
        {
            json.WriteNumber(errnoName, action.Errno);
        }
    }
}
