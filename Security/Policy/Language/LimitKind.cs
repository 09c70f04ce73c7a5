using System.Globalization;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Language;

/// <summary>The keys of [limits]: how a value is read into its base unit, and which layer holds it.</summary>
internal sealed record LimitKind(string Key, Func<string, decimal> Parse, Layers Layers)
{
    internal static readonly LimitKind Cpu = new("cpu", Quantity.Percent.Parse, Layers.Cgroup);
    internal static readonly LimitKind Memory = new("memory", Quantity.Size.Parse, Layers.Cgroup);
    internal static readonly LimitKind Processes = new("processes", Whole, Layers.Cgroup);
    internal static readonly LimitKind Disk = new("disk", Quantity.Size.Parse, Layers.View | Layers.Launch);
    internal static readonly LimitKind Time = new("time", Quantity.Duration.Parse, Layers.Launch);
    internal static readonly LimitKind Tokens = new("tokens", Whole, Layers.Model);
    internal static readonly LimitKind Cost = new("cost", Quantity.Money.Parse, Layers.Model);

    internal static readonly IReadOnlyList<LimitKind> All = [Cpu, Memory, Processes, Disk, Time, Tokens, Cost];

    private static decimal Whole(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
