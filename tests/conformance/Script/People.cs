using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

/// <summary>The callers that tables name. None of them needs an account.</summary>
internal static class People
{
    public static Identity Named(string who) => who switch
    {
        "user" => new Identity(65534, 65534),
        "other" => new Identity(65533, 65533),
        "member" => new Identity(65532, 65532, 65533),
        _ => Parse(who),
    };

    private static Identity Parse(string who)
    {
        string[] parts = who.Split(':', ',');
        uint[] numbers = [.. parts.Select(uint.Parse)];
        return new Identity(numbers[0], numbers[1], numbers[2..]);
    }
}
