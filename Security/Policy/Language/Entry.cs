using ClawOS.Security.Policy.Toml;

namespace ClawOS.Security.Policy.Language;

/// <summary>A value together with the place where it is written, which stays with it through every parent and child.</summary>
internal sealed record Entry<T>(T Value, SourceText Source, Mark Mark)
{
    internal SourceLine Line => Source.LineOf(Mark);

    internal PolicyError Error(string message, string suggestion = "") => Source.Error(Mark, message, suggestion);

    internal Entry<TOther> As<TOther>(TOther value) => new(value, Source, Mark);
}
