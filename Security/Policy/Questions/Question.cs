namespace ClawOS.Security.Policy.Questions;

/// <summary>A question that was read from words.</summary>
internal abstract record Question
{
    internal abstract Explanation AskOf(Explainer explainer);
}

internal sealed record PathQuestion(string Path, PathAccess Access) : Question
{
    internal override Explanation AskOf(Explainer explainer) => explainer.ExplainPath(Path, Access);
}

internal sealed record CommandQuestion(string Path, IReadOnlyList<string> Arguments) : Question
{
    internal override Explanation AskOf(Explainer explainer) => explainer.ExplainCommand(Path, Arguments);
}

internal sealed record ConnectionQuestion(string Host, int Port, string? Method, string? UrlPath) : Question
{
    internal override Explanation AskOf(Explainer explainer) => explainer.ExplainConnection(Host, Port, Method, UrlPath);
}

internal sealed record SecretQuestion(string Name) : Question
{
    internal override Explanation AskOf(Explainer explainer) => explainer.ExplainSecret(Name);
}

internal sealed record SyscallQuestion(string Name) : Question
{
    internal override Explanation AskOf(Explainer explainer) => explainer.ExplainSyscall(Name);
}
