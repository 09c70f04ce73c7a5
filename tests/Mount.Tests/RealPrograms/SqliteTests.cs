using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.RealPrograms;

[Collection(SharedMountCollection.Name)]
public sealed class SqliteTests(SharedMount mount)
{
    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public void Readers_and_writers_of_several_processes_leave_a_sound_database(string journal)
    {
        Need.Program("sqlite3");
        const int Writers = 3, Rows = 60;
        using TestFolder folder = mount.NewFolder();
        string db = folder["t.db"];
        Sqlite(db, $"PRAGMA journal_mode={journal}; CREATE TABLE t(writer INT, n INT, pad TEXT); CREATE INDEX i ON t(writer, n);").Must();
        List<RunningProgram> running = [];
        for (int w = 0; w < Writers; w++)
            running.Add(Start(db, string.Concat(Enumerable.Range(0, Rows).Select(n => $"INSERT INTO t VALUES({w},{n},hex(randomblob(400)));\n"))));
        for (int r = 0; r < 2; r++)
            running.Add(Start(db, string.Concat(Enumerable.Repeat("SELECT count(*), max(n) FROM t WHERE writer=1;\n", Rows))));
        foreach (RunningProgram program in running)
        {
            using (program)
                program.Wait(TimeSpan.FromSeconds(60)).Must();
        }
        Assert.Equal("ok", Sqlite(db, "PRAGMA integrity_check;").Must().Out.Trim());
        Assert.Equal($"{Writers * Rows}", Sqlite(db, "SELECT count(*) FROM t;").Must().Out.Trim());
    }

    private static ProgramResult Sqlite(string db, string sql) => Programs.Run(new ProgramOptions { Input = sql }, "sqlite3", "-bail", db);

    private static RunningProgram Start(string db, string sql) => Programs.Start(
        new ProgramOptions { Input = ".timeout 30000\n" + sql }, "sqlite3", "-bail", db);
}
