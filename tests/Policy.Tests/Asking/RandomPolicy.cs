using System.Text;

namespace Policy.Tests.Asking;

/// <summary>Policies and questions over a small world, so that they meet often.</summary>
internal sealed class RandomPolicy(Random random)
{
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Secrets = ["S1", "S2", "S3"];
    private static readonly string[] Syscalls = ["bpf", "ptrace", "mount"];
    private static readonly string[] Hosts = ["x.example.com", "y.example.com", "*.example.com", "*.x.example.com", "192.0.2.1"];
    private static readonly string[] Methods = ["GET", "POST", "PUT"];
    private static readonly string[] UrlPaths = ["/", "/v1", "/v1/a", "/v2"];
    private static readonly string[] Arguments = ["log", "commit", "l?g", "*", "-*", "**"];

    /// <summary>A policy; as a child it widens now and then.</summary>
    internal string Text(string? parent)
    {
        StringBuilder text = new();
        _ = text.Append(parent is null ? "" : $"extends = \"{parent}\"\n");
        // A parent allows much and a child little, so that many children only narrow.
        bool isWide = parent is null;
        Maybe(false, () => text.Append($"launch = {(random.Next(3) > 0 ? "true" : "false")}\n"));
        Maybe(false, () => text.Append($"on_revoke = \"{Pick(["keep", "kill"])}\"\n"));
        Maybe(isWide, () => text.Append($"secrets = {List(Secrets, isWide ? 3 : 1)}\n"));
        _ = text.Append("[paths]\n");
        foreach (string key in (string[])["read", "write", "execute"])
        {
            Maybe(isWide, () => text.Append($"{key} = {List(Enumerable.Range(0, 6).Select(_ => Path(isWide ? 2 : 4)), isWide ? 5 : 2)}\n"));
        }

        foreach (string key in (string[])["deny", "deny_write"])
        {
            Maybe(false, () => text.Append($"{key} = {List(Enumerable.Range(0, 3).Select(_ => Path(4)), 2)}\n"));
        }

        for (int i = random.Next(isWide ? 3 : 2); i > 0; i--)
        {
            _ = text.Append($"[[command]]\npath = \"/cmd/{Pick(Names)}\"\n");
            Maybe(!isWide, () => text.Append($"arguments = [{string.Join(", ", Enumerable.Range(0, random.Next(3)).Select(_ => $"\"{Pick(Arguments[..^1])}\"").Concat(random.Next(2) == 0 ? ["\"**\""] : []))}]\n"));
            Maybe(false, () => text.Append($"forbid = {List(Arguments[..^2], 2)}\n"));
            Maybe(!isWide, () => text.Append("approve = true\n"));
        }

        for (int i = random.Next(isWide ? 3 : 2); i > 0; i--)
        {
            _ = text.Append($"[[host]]\nname = \"{Pick(Hosts)}\"\n");
            Maybe(isWide, () => text.Append($"ports = [443{(random.Next(2) == 0 ? ", 80" : "")}]\n"));
            Maybe(!isWide, () => text.Append($"methods = {List(Methods, 2, 1)}\n"));
            Maybe(false, () => text.Append($"paths = {List(UrlPaths, 2, 1)}\n"));
        }

        _ = text.Append("[syscalls]\n");
        Maybe(isWide, () => text.Append($"allow = {List(Syscalls, isWide ? 3 : 1)}\n"));
        Maybe(false, () => text.Append($"only = {List(Syscalls, 3, 1)}\n"));
        Maybe(false, () => text.Append($"ask = {List(Syscalls, 2)}\n"));
        return text.ToString();
    }

    internal string Question() => random.Next(7) switch
    {
        0 => $"open-read {RealPath()}",
        1 => $"open-write {RealPath()}",
        2 => $"exec {RealPath()}",
        3 => $"exec /cmd/{Pick(Names)} {string.Join(' ', Enumerable.Range(0, random.Next(4)).Select(_ => Pick(["log", "commit", "lag", "-x"])))}",
        4 => $"connect {Pick(["x.example.com", "y.example.com", "z.x.example.com", "example.com", "192.0.2.1"])}:{Pick(["443", "80"])}{(random.Next(3) == 0 ? "" : $" {Pick(Methods)} {Pick([.. UrlPaths, "/v1/b", "/v10"])}")}",
        5 => $"secret {Pick(Secrets)}",
        _ => $"syscall {Pick(Syscalls)}",
    };

    internal string RealPath() => "/" + string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Pick(Names)));

    private string Path(int depth)
    {
        string path = string.Concat(Enumerable.Range(0, random.Next(1, depth + 1)).Select(_ => "/" + (random.Next(8) == 0 ? Pick(["*", "?", "**"]) : Pick(Names))));
        return random.Next(2) == 0 && !path.EndsWith('*') ? path + "/**" : path;
    }

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];

    private string List(IEnumerable<string> choices, int most, int least = 0)
    {
        string[] all = [.. choices.Distinct()];
        random.Shuffle(all);
        return $"[{string.Join(", ", all.Take(random.Next(least, most + 1)).Select(item => $"\"{item}\""))}]";
    }

    private void Maybe(bool isLikely, Action act)
    {
        if (random.Next(isLikely ? 6 : 3) > (isLikely ? 0 : 1))
        {
            act();
        }
    }
}
