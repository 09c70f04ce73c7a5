using System.Text;
using ClawFS.Crypto;
using ClawFS.Store.Log;

namespace ClawFS.Store.Tests.Log;

/// <summary>A scratch folder with a journal; records are short texts.</summary>
internal sealed class JournalFixture : IDisposable
{
    private readonly SecretKey key = SecretKey.Random();
    private readonly Guid store = Guid.NewGuid();

    public JournalFixture()
    {
        Open();
        Journal.Start(1);
    }

    public static Guid Boot { get; } = Guid.NewGuid();
    public ScratchFolder Scratch { get; } = new();
    public FaultyFolder Folder { get; private set; } = null!;
    public Journal Journal { get; private set; } = null!;

    public ulong Append(string text, bool reclaiming = false) => Journal.Append(7, Encoding.UTF8.GetBytes(text), default, reclaiming);

    /// <summary>Opens without starting, as a process does that comes up.</summary>
    public void Open(bool readOnly = false)
    {
        Folder = new FaultyFolder(Scratch.Open());
        Journal = Journal.Open(Folder, key, store, Boot, readOnly);
    }

    public void Reopen(bool readOnly = false)
    {
        Journal.Dispose();
        Open(readOnly);
    }

    /// <summary>Comes up, replays and starts: what a restart of the process does.</summary>
    public List<string> Restart(ulong from = 1)
    {
        Reopen();
        List<string> records = Replay(out ReplayResult result, from);
        Journal.Start(result.Next);
        return records;
    }

    public List<string> Replay(out ReplayResult result, ulong from = 1)
    {
        var records = new List<string>();
        ulong expected = from;
        result = Journal.Replay(from, (sequence, kind, payload) =>
        {
            Assert.Equal(7, kind);
            Assert.Equal(expected++, sequence);
            records.Add(Encoding.UTF8.GetString(payload));
        });
        Assert.Equal(records.Count, result.Records);
        return records;
    }

    public string PathOf(ulong first) => Scratch.File(JournalFile.NameOf(first));

    /// <summary>The journal files, without the spare one.</summary>
    public string[] Files() => [.. Directory.GetFiles(Scratch.Path).Select(f => Path.GetFileName(f)!).Where(static n => n != JournalFile.SpareName).Order()];

    public void Dispose()
    {
        Journal.Dispose();
        Scratch.Dispose();
        key.Dispose();
    }
}
