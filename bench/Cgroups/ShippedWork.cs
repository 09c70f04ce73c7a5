using System.Globalization;
using ClawOS.Bench.Fs;
using ClawOS.Bench.Fs.Results;
using ClawOS.Security.Cgroups;
using ClawOS.Security.Policy;

namespace ClawOS.Bench.Cgroups;

/// <summary>The work that stands for each shipped policy, and whether the policy's limits let it keep its speed.</summary>
internal static class ShippedWork
{
    private const string Python = "import json,random; a=[random.random() for _ in range(700000)]; a.sort(); json.loads(json.dumps({str(i):i for i in range(60000)}))";

    // What people have such a policy for; what is not installed is skipped by name.
    private static readonly (string Policy, string Name, string[] Command)[] s_work =
    [
        ("tool-default", "grep", ["/bin/sh", "-c", "grep -rIl copyright /usr/share/doc | wc -l"]),
        ("tool-default", "archive", ["/bin/sh", "-c", "tar -czf - /usr/share/zoneinfo | wc -c"]),
        ("tool-default", "python", ["/usr/bin/python3", "-c", Python]),
        ("read-only", "find", ["/bin/sh", "-c", "find /usr -xdev -name '*.conf' -exec wc -l {} + | tail -n 1"]),
        ("read-only", "sort", ["/bin/sh", "-c", "find /usr/share -xdev -type f | sort -u | wc -l"]),
        ("researcher", "python", ["/usr/bin/python3", "-c", Python]),
        ("coder", "git", ["/bin/sh", "-c", "rm -rf w && git init -q w && cd w && cp -r /usr/share/zoneinfo . && git add . && git -c user.name=a -c user.email=a@b commit -qm all && git gc -q && cd .. && rm -rf w"]),
        ("coder", "compile", ["/bin/sh", "-c", "for i in 1 2 3 4 5 6; do printf '#include <vector>\\n#include <map>\\n#include <string>\\nstd::map<std::string,std::vector<int>> f%d(){return {};}\\n' $i > c$i.cc; (c++ -O2 -c c$i.cc -o c$i.o && rm c$i.o) & done; wait"]),
    ];

    /// <returns>A row for each work that can be done here: the part of its speed that the limits leave it.</returns>
    internal static List<ResultRow> Measure(CgroupHost host, int rounds, List<string> skipped)
    {
        List<ResultRow> rows = [];
        Calibration calibration = new(host, rounds);
        string folder = Directory.CreateTempSubdirectory("claw-calibrate-").FullName;
        try
        {
            foreach ((string policy, string name, string[] command) in s_work)
            {
                if (Lacks(name, command) is { } program)
                {
                    skipped.Add($"{policy}-{name}: {program} is not installed");
                    continue;
                }

                Limits limits = PolicySet.Shipped.Compile(policy, new CompileOptions { Workspace = folder }).Policy!.Limits;
                double kept = calibration.KeptBy(limits, command, folder, out Trial free);
                Add(rows, Row($"{policy}-{name}-kept", kept * 100, "%", Calibration.Kept * 100));
                Add(rows, Row($"{policy}-{name}-memory-peak", (free.Usage.MemoryPeakBytes ?? 0) / 1048576.0, "MiB", null));
                Add(rows, Row($"{policy}-{name}-processes-peak", free.Usage.ProcessesPeak ?? 0, "", null));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return rows;
    }

    private static string? Lacks(string name, string[] command) =>
        name == "git" && !Command.Exists("git") ? "git" : name == "compile" && !Command.Exists("c++") ? "c++" : File.Exists(command[0]) ? null : command[0];

    private static ResultRow Row(string name, double value, string unit, double? floor) =>
        new(name, value, unit, "", null, null, floor, floor is { } least ? value >= least : null) { Min = value, Max = value };

    private static void Add(List<ResultRow> rows, ResultRow row)
    {
        rows.Add(row);
        Console.Error.WriteLine(Report.Short(row));
    }
}
