using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Language;

/// <summary>A table of a policy and its keys.</summary>
/// <param name="Name">As in its header; empty for the top of the file.</param>
/// <param name="IsRepeated">Whether it is written as [[name]], once a rule.</param>
/// <param name="Keys">All of them.</param>
internal sealed record PolicySection(string Name, bool IsRepeated, IReadOnlyList<PolicyKey> Keys)
{
    /// <summary>"[paths]", "[[host]]".</summary>
    internal string Header => Name.Length == 0 ? "the top of the file, above every [table]" : IsRepeated ? $"[[{Name}]]" : $"[{Name}]";

    internal PolicyKey? Find(string key) => Keys.FirstOrDefault(known => known.Name == key);
}

/// <summary>Every key of the language. The parser, the published schema and the reference all go by this table.</summary>
internal static class PolicyKeys
{
    internal static readonly PolicySection Top = new("", false,
    [
        new("description", ValueShape.Text, Words.Description),
        new("extends", ValueShape.Text, Words.PolicyName),
        new("secrets", ValueShape.Texts, Words.SecretName) { MayBeEmpty = true },
        new("launch", ValueShape.Boolean, Words.Truth),
        new("on_revoke", ValueShape.Text, Words.OnRevoke),
    ]);

    internal static readonly PolicySection Paths = new("paths", false,
    [
        new("read", ValueShape.Texts, PathPattern.Check) { MayBeEmpty = true },
        new("write", ValueShape.Texts, PathPattern.Check) { MayBeEmpty = true },
        new("execute", ValueShape.Texts, PathPattern.Check) { MayBeEmpty = true },
        new("deny", ValueShape.Texts, PathPattern.Check) { MayBeEmpty = true },
        new("deny_write", ValueShape.Texts, PathPattern.Check) { MayBeEmpty = true },
    ]);

    internal static readonly PolicySection Command = new("command", true,
    [
        new("path", ValueShape.Text, PathPattern.CheckFile) { IsRequired = true },
        new("arguments", ValueShape.Texts, Words.Argument) { MayBeEmpty = true, MayRepeat = true },
        new("forbid", ValueShape.Texts, Words.Argument) { MayBeEmpty = true },
        new("approve", ValueShape.Boolean, Words.Truth),
    ]);

    internal static readonly PolicySection Host = new("host", true,
    [
        new("name", ValueShape.Text, HostName.Check) { IsRequired = true },
        new("ports", ValueShape.Integers, Words.Port),
        new("methods", ValueShape.Texts, Words.Method),
        new("paths", ValueShape.Texts, Words.UrlPath),
    ]);

    internal static readonly PolicySection Syscalls = new("syscalls", false,
    [
        new("profile", ValueShape.Text, Words.PolicyName),
        new("allow", ValueShape.Texts, Words.SyscallName) { MayBeEmpty = true },
        new("only", ValueShape.Texts, Words.SyscallName),
        new("ask", ValueShape.Texts, Words.AskedSyscall) { MayBeEmpty = true },
    ]);

    internal static readonly PolicySection Limits = new("limits", false,
    [
        new("cpu", ValueShape.Text, Quantity.Percent.Check),
        new("memory", ValueShape.Text, Quantity.Size.Check),
        new("processes", ValueShape.Integer, Words.ProcessCount),
        new("disk", ValueShape.Text, Quantity.Size.Check),
        new("time", ValueShape.Text, Quantity.Duration.Check),
        new("tokens", ValueShape.Integer, Words.TokenCount),
        new("cost", ValueShape.Text, Quantity.Money.Check),
    ]);

    /// <summary>All tables, the top first.</summary>
    internal static readonly IReadOnlyList<PolicySection> Sections = [Top, Paths, Command, Host, Syscalls, Limits];
}
