using System.Globalization;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Search;

/// <summary>The mount that is measured, and what it says of its index.</summary>
internal sealed class SearchMount(ClawSystem system)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    private string Top => Path.GetDirectoryName(system.Folder)!;

    /// <summary>Where files are put.</summary>
    public string Memory => system.Folder;

    /// <summary>Resident bytes of fs.</summary>
    public long ResidentBytes => system.ResidentBytes();

    /// <summary>The result of a question, as `cat` would print it.</summary>
    public string Answer(string question) => File.ReadAllText(Path.Combine(Top, "search", question, "results.tsv"));

    /// <summary>Sets one line of sys/index/params.</summary>
    public void Set(string line)
    {
        string path = Path.Combine(Top, "sys/index/params"), name = line[..(line.IndexOf('=', StringComparison.Ordinal) + 1)];
        File.WriteAllLines(path, File.ReadAllLines(path).Where(other => !other.StartsWith(name, StringComparison.Ordinal)).Append(line));
    }

    /// <summary>sys/index/status as names and values.</summary>
    public Dictionary<string, string> Status() => File.ReadAllLines(Path.Combine(Top, "sys/index/status"))
        .Select(static line => line.Split(' ', 2)).ToDictionary(static parts => parts[0], static parts => parts.ElementAtOrDefault(1) ?? "");

    /// <summary>A number of the status, 0 where there is none.</summary>
    public long Number(string name) => long.TryParse(Status().GetValueOrDefault(name), CultureInfo.InvariantCulture, out long number) ? number : 0;

    /// <summary>Waits until something holds, looking every 20 ms; <paramref name="look"/> is called each time.</summary>
    public void Until(Func<Dictionary<string, string>, bool> holds, Action? look = null)
    {
        long until = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (!holds(Status()))
        {
            if (Environment.TickCount64 > until)
                throw new TimeoutException($"the index is not ready after {Limit.TotalMinutes} minutes: {string.Join(", ", Status().Select(static pair => $"{pair.Key} {pair.Value}"))}");
            look?.Invoke();
            Thread.Sleep(20);
        }
    }
}
