using System.Text;
using ClawOS.Security.Policy.Language;
using ClawOS.Security.Policy.Toml;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy;

/// <summary>A policy file as it is written, before its parents are joined in. Nothing here writes policies, so comments stay where they are.</summary>
public sealed class PolicyFile
{
    /// <summary>The longest text that is read, in UTF-16 units.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The ending of names of policy files.</summary>
    public const string Extension = ".toml";

    // Whoever mends these first sees the rest at the next reading.
    private const int MaxErrors = 50;

    /// <summary>Bytes of UTF-8 in the place of one UTF-16 unit.</summary>
    private const int MaxUtf8 = 3;

    internal PolicyFile(string name, SourceText source) => (Name, Source) = (name, source);

    /// <summary>The file's name without folder and ending.</summary>
    public string Name { get; }

    /// <summary>The name of the policy that this one narrows, or null.</summary>
    public string? Extends => Parent?.Value;

    internal SourceText Source { get; }

    internal Entry<string>? Parent { get; init; }

    /// <summary>By the key's name; a missing key is inherited.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<Entry<PathPattern>>> Paths { get; init; } = new Dictionary<string, IReadOnlyList<Entry<PathPattern>>>();

    internal IReadOnlyList<Entry<CommandRule>>? Commands { get; init; }

    internal IReadOnlyList<Entry<HostRule>>? Hosts { get; init; }

    internal IReadOnlyList<Entry<string>>? Secrets { get; init; }

    internal Entry<string>? SyscallProfile { get; init; }

    internal IReadOnlyList<Entry<string>>? SyscallAdditions { get; init; }

    internal IReadOnlyList<Entry<string>>? SyscallsOnly { get; init; }

    internal IReadOnlyList<Entry<string>>? SyscallsAsked { get; init; }

    internal Entry<bool>? MayLaunch { get; init; }

    internal Entry<string>? OnRevoke { get; init; }

    /// <summary>By the key's name, in base units.</summary>
    internal IReadOnlyDictionary<string, Entry<decimal>> Limits { get; init; } = new Dictionary<string, Entry<decimal>>();

    /// <summary>Reads a policy's file, no more of it than a policy can have. A pipe or a device, which has no length, is not opened and counts as empty.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of rights.</exception>
    public static PolicyReading Read(string path)
    {
        FileInfo file = new(path);
        file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        if (file.Length == 0)
        {
            return Parse("", path);
        }

        if (file.Length > MaxLength * MaxUtf8)
        {
            return new PolicyReading(null, [new SourceText("", path).Error(new Mark(0, 1), $"a policy has at most {MaxLength} characters, this file has {file.Length} bytes")]);
        }

        using FileStream stream = file.OpenRead();
        byte[] bytes = new byte[file.Length];
        return Parse(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)).ToArray(), path);
    }

    /// <summary>Reads a policy. Never throws for what stands in it.</summary>
    /// <param name="text">All of the file.</param>
    /// <param name="name">Its name or path, for messages; the policy is called by its last part without ".toml".</param>
    /// <returns>The file, or at least one error, in the order of the text.</returns>
    public static PolicyReading Parse(string text, string name)
    {
        List<PolicyError> errors = [];
        SourceText source = new(text.Length > MaxLength ? "" : text, name);
        PolicyFile? file = null;
        if (text.Length > MaxLength)
        {
            errors.Add(source.Error(new Mark(0, 1), $"a policy has at most {MaxLength} characters, this has {text.Length}"));
        }
        else if (TomlReader.Read(source, errors) is { } table)
        {
            file = PolicyReader.Read(table, NameOf(name), source, errors);
        }

        return errors.Count == 0 ? new PolicyReading(file, []) : new PolicyReading(null, [.. errors.OrderBy(error => (error.Line, error.Column)).Take(MaxErrors)]);
    }

    /// <summary>Reads a policy from bytes; what is not UTF-8 is an error at its place.</summary>
    /// <param name="utf8">All of the file, with or without a byte order mark.</param>
    /// <param name="name">As for <see cref="Parse(string, string)"/>.</param>
    /// <returns>The file, or at least one error.</returns>
    public static PolicyReading Parse(ReadOnlySpan<byte> utf8, string name)
    {
        ReadOnlySpan<byte> bytes = utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        int valid = System.Text.Unicode.Utf8.IsValid(bytes) ? bytes.Length : FirstInvalid(bytes);
        if (valid == bytes.Length)
        {
            return Parse(Encoding.UTF8.GetString(bytes), name);
        }

        string text = Encoding.UTF8.GetString(bytes);
        int offset = Encoding.UTF8.GetCharCount(bytes[..valid]);
        return new PolicyReading(null, [new SourceText(text, name).Error(new Mark(offset, 1), $"byte 0x{bytes[valid]:X2} is not UTF-8", "save the file as UTF-8")]);
    }

    /// <summary>Reads a text that is still being written: only errors count that stay whatever lines follow. What goes wrong only together with other policies is not looked at.</summary>
    /// <param name="utf8">Whole lines from the beginning of the file.</param>
    /// <param name="name">As for <see cref="Parse(string, string)"/>.</param>
    /// <returns>The errors that stay; the file where there is none at all.</returns>
    public static PolicyReading ParseBeginning(ReadOnlySpan<byte> utf8, string name)
    {
        PolicyReading reading = Parse(utf8[..CompleteLines.Of(utf8)], name);
        return reading with { Errors = [.. reading.Errors.Where(error => !error.IsOfAbsence)] };
    }

    /// <summary>Whether a policy may be called so: small letters, digits and '-', at most 64, beginning with a letter or digit.</summary>
    public static bool IsName(string name) => Words.PolicyName(name) is null;

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    /// <summary>"coder" of "policies/coder.toml".</summary>
    internal static string NameOf(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        return name.EndsWith(Extension, StringComparison.Ordinal) ? name[..^Extension.Length] : name;
    }
}

/// <summary>What reading a policy file gave.</summary>
/// <param name="File">The file; null when there are errors.</param>
/// <param name="Errors">In the order of the text.</param>
public sealed record PolicyReading(PolicyFile? File, IReadOnlyList<PolicyError> Errors);
