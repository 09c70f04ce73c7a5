using System.Globalization;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>A program with a SQLite database on the mount: it commits rows one by one and prints the number of each that is committed.</summary>
internal sealed class SqliteWriter(string folder, int seed) : CrashWriter(seed)
{
    private const string Write = """
        import sqlite3
        db = sqlite3.connect("rows.db", isolation_level=None, timeout=60)
        db.execute("create table if not exists t(n integer primary key, filler blob)")
        n = db.execute("select coalesce(max(n), 0) from t").fetchone()[0]
        while True:
            n += 1
            db.execute("begin immediate")
            db.execute("insert into t values (?, randomblob(?))", (n, n * 7919 % 9000))
            if n % 5 == 0: db.execute("update t set filler = randomblob(3000) where n = ?", (n // 2,))
            db.execute("commit")
            print(n, flush=True)
        """;

    private const string Read = """
        import sqlite3
        db = sqlite3.connect("rows.db", timeout=60)
        print(*db.execute("select count(*), coalesce(max(n), 0) from t").fetchone(), db.execute("pragma integrity_check").fetchone()[0])
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private long _committed;
    private RunningProgram? _program;

    public override void Check(bool mountLost, List<string> wrong)
    {
        if (_committed == 0)
            return;
        ProgramResult result = Programs.Run(new ProgramOptions { Folder = folder, Timeout = s_limit }, "python3", "-c", Read);
        string[] words = result.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is not [var count, var last, "ok"] || count != last || long.Parse(last, CultureInfo.InvariantCulture) < _committed)
            wrong.Add($"{folder}/rows.db: {_committed} rows were committed, there is: {result.Out}{result.Err}");
    }

    protected override void Begin()
    {
        Directory.CreateDirectory(folder);
        _program = Programs.Start(new ProgramOptions { Folder = folder, Timeout = s_limit }, "python3", "-c", Write);
    }

    protected override bool Step()
    {
        if (_program!.HasExited)
            Failed ??= $"SQLite: {_program.Printed}";
        return Failed is null && !_program.WaitFor("\0", TimeSpan.FromMilliseconds(20));
    }

    protected override void End()
    {
        _program!.Kill();
        string[] lines = _program.Wait(s_limit).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > 0)
            _committed = Math.Max(_committed, long.Parse(lines[^1], CultureInfo.InvariantCulture));
        _program.Dispose();
    }
}
