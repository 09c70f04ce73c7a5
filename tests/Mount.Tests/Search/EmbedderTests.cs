using ClawOS.Embed.Tests.Onnx;
using ClawOS.Embed.Tests.Remote;
using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Search;

/// <summary>Other embedders, chosen by a line of sys/index/params, while files are searched.</summary>
public sealed class EmbedderTests : IDisposable
{
    private const int Files = 260;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);
    private readonly ClawMount _claw = new ClawMount().Up();

    public void Dispose() => _claw.Dispose();

    private string Search => Path.Combine(_claw.Mount, "search");

    private string Params => Path.Combine(_claw.Mount, "sys/index/params");

    [Fact]
    public async Task Search_answers_all_the_time_while_the_embedder_changes_there_and_back()
    {
        using FakeServer server = new(static (request, _) => FakeServer.Ollama(request.Texts.Select(MeaningOf)));
        WriteFiles();
        UntilStatus("embedder lsi", $"embedded {Files - 1}\n"); // Of the cat's words no other file has one: nothing to fit a vector on.
        using CancellationTokenSource stop = new();
        int asked = 0;
        // Whoever searches meanwhile always gets the file that has the word.
        Task<string?> watching = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                string table = Ask($"marker{asked % (Files - 1)} shared");
                if (!table.Contains($"\tmemory/f{asked % (Files - 1)}.md\t", StringComparison.Ordinal))
                    return $"marker{asked % (Files - 1)}: {table}";
                asked++;
            }
            return null;
        });
        File.WriteAllText(Params, $"embedder=ollama:fake url={server.Url}\n");
        string status = UntilStatus("embedder ollama:fake@127.0.0.1:", " 8 generation 2\n", $"embedded {Files}\n");
        Assert.DoesNotContain("trouble", status);
        // "feline" stands in no file: only the server knows what it means.
        Assert.Contains("\tmemory/cat.md\t", Waiting.Until(() => Ask("feline", "k=5 mode=vectors"), table => table.Contains("cat.md")));
        File.WriteAllText(Path.Combine(_claw.Memory, "dog.md"), "a dog barks\n");
        Assert.Contains("\tmemory/dog.md\t", Waiting.Until(() => Ask("canine", "k=5 mode=vectors"), table => table.Contains("dog.md")));
        File.WriteAllText(Params, "embedder=lsi\n");
        UntilStatus("embedder lsi", "generation 3\n", $"embedded {Files + 1}\n");
        await stop.CancelAsync();
        Assert.Null(await watching);
        Assert.True(asked > 10, $"{asked} searches");
        Assert.Equal("", File.ReadAllText(Path.Combine(_claw.Mount, "sys/errors")));
        Waiting.Until(() => _claw.Claw("status", "--json", _claw.Mount).Must().Out, text => !text.Contains("\"embed\""));
    }

    [Fact]
    public void A_killed_worker_loses_nothing()
    {
        using FakeServer server = new(static async (request, _) =>
        {
            await Task.Delay(200);
            return FakeServer.Ollama(request.Texts.Select(MeaningOf));
        });
        WriteFiles();
        File.WriteAllText(Params, $"embedder=ollama:fake url={server.Url}\n");
        for (int kills = 0; kills < 3; kills++)
        {
            int seen = server.Requests.Count;
            Waiting.Until(() => server.Requests.Count, count => count > seen + 1);
            Shell("/", $"kill -9 $(pgrep -f '[s]erve-embed --mount {_claw.Mount}')");
        }
        UntilStatus("embedder ollama:fake@", $"embedded {Files}\n");
        Assert.Single(File.ReadAllLines(Path.Combine(_claw.Mount, "sys/errors")));
        Assert.Contains("\tmemory/cat.md\t", Waiting.Until(() => Ask("feline", "k=5 mode=vectors"), table => table.Contains("cat.md")));
        // The vectors outlive the mount: after it the server is asked for nothing but whether it is there, and for the question.
        _claw.Down();
        int before = server.Requests.Count;
        _claw.Up();
        UntilStatus("state ready", "embedder ollama:fake@", $"embedded {Files}\n", "fits 0\n");
        Assert.Contains("\tmemory/cat.md\t", Waiting.Until(() => Ask("feline", "k=5 mode=vectors"), table => table.Contains("cat.md")));
        Assert.Equal(["dimensions", "feline"], server.Requests.Skip(before).SelectMany(static request => request.Texts));
    }

    [Fact]
    public void A_server_that_is_slow_or_down_leaves_the_words_and_says_so_in_the_answer()
    {
        int mode = 0;
        using FakeServer server = new(async (request, _) =>
        {
            int now = Volatile.Read(ref mode);
            if (now == 1)
                await Task.Delay(TimeSpan.FromSeconds(4));
            return now == 2 ? FakeServer.Status("429 Too Many Requests", headers: "Retry-After: 3000\r\n") : FakeServer.Ollama(request.Texts.Select(MeaningOf));
        });
        WriteFiles();
        File.WriteAllText(Params, $"embedder=ollama:fake url={server.Url}\n");
        UntilStatus("embedder ollama:fake@", $"embedded {Files}\n");
        Volatile.Write(ref mode, 1);
        string late = Ask("marker7 shared");
        Assert.Contains("\tmemory/f7.md\t", late);
        Assert.Contains("# by words alone: ollama:fake@", late);
        // The vector that came late serves whoever asks again.
        Waiting.Until(() => Ask("marker7 shared"), table => table.Contains("f7.md") && !table.Contains("by words alone"));
        Volatile.Write(ref mode, 2);
        string refused = Ask("marker8 shared");
        Assert.Contains("\tmemory/f8.md\t", refused);
        Assert.Contains("status 429", refused);
        int before = server.Requests.Count;
        for (int i = 0; i < 20; i++)
            Assert.Contains($"\tmemory/f{i}.md\t", Ask($"marker{i} other"));
        Assert.Equal(before, server.Requests.Count);
        string[] errors = File.ReadAllLines(Path.Combine(_claw.Mount, "sys/errors"));
        Assert.Contains("status 429", Assert.Single(errors));
        Assert.Contains("trouble ollama:fake: ", File.ReadAllText(Path.Combine(_claw.Mount, "sys/index/status")));
    }

    [Fact]
    public void A_model_folder_on_this_machine_runs_without_network_key_and_privilege()
    {
        using TinyModel model = new();
        Shell(model.Folder, "chmod 755 . && chmod 644 *");
        Shell(_claw.Memory, "echo 'red red' > red.md; echo 'blue blue key' > blue.md; echo 'green' > green.md");
        File.WriteAllText(Params, $"embedder=onnx:{model.Folder}\n");
        UntilStatus($"embedder onnx:{Path.GetFileName(model.Folder)}#", $" {TinyModel.Width} generation 1\n", "embedded 3\n");
        Assert.Contains("1\t", Waiting.Until(() => Ask("green", "k=3 mode=vectors"), table => table.Contains("memory/green.md")).Split('\n')[1]);
        string pid = Shell("/", $"pgrep -f '[s]erve-embed --mount {_claw.Mount}'").Trim();
        string status = File.ReadAllText($"/proc/{pid}/status");
        Assert.Contains("NoNewPrivs:\t1\n", status);
        Assert.Contains("Seccomp:\t2\n", status);
        if (File.Exists(Environment.GetEnvironmentVariable("CLAW_EXEC")))
        {
            Assert.Contains("Seccomp_filters:\t2\n", status); // Its own, and that of its row in the table of services.
            Assert.Contains("CapBnd:\t00000000000000c4\n", status);
        }
        Assert.Contains("CapEff:\t0000000000000000\n", status);
        Assert.Contains("Uid:\t60915\t60915\t60915\t60915\n", status);
        string[] open = Directory.GetFiles($"/proc/{pid}/fd").Select(static path => new FileInfo(path).LinkTarget ?? "").ToArray();
        Assert.DoesNotContain(open, path => path.StartsWith(_claw.Mount, StringComparison.Ordinal) || path.StartsWith(_claw.Store, StringComparison.Ordinal) || path == "/dev/fuse");
        Assert.Single(open, static path => path.StartsWith("socket:", StringComparison.Ordinal));
        Assert.Contains(File.ReadLines($"/proc/{pid}/maps"), static line => line.EndsWith("/libonnxruntime.so", StringComparison.Ordinal));
        Assert.DoesNotContain(File.ReadLines($"/proc/{pid}/maps"), static line => line.EndsWith("/ClawFS.Store.dll", StringComparison.Ordinal) || line.EndsWith("/ClawFS.Crypto.dll", StringComparison.Ordinal));
        string fs = Shell("/", $"pgrep -f '[s]erve-fs --mount {_claw.Mount} '").Trim();
        Assert.DoesNotContain(File.ReadLines($"/proc/{fs}/maps"), static line => line.Contains("onnx", StringComparison.OrdinalIgnoreCase) || line.EndsWith("/System.Net.Http.dll", StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_is_sent_to_the_server_and_seen_nowhere_else()
    {
        using FakeServer server = new(static (request, _) => request.Head.Contains("Bearer sk-verysecret")
            ? FakeServer.OpenAi(request.Texts.Select(MeaningOf)) : FakeServer.Status("401 Unauthorized", "{\"error\":\"sk-verysecret\"}"));
        string key = Path.Combine(_claw.Base, "key");
        File.WriteAllText(key, "sk-wrong");
        Shell("/", $"chmod 755 {_claw.Base} && chown 60915 {key} && chmod 400 {key}");
        Shell(_claw.Memory, "echo 'a cat sleeps' > cat.md");
        Assert.NotEqual(0, TryShell("/", $"echo 'embedder=openai:m url={server.Url}/v1 key=sk-verysecret' > {Params}").ExitCode);
        File.WriteAllText(Params, $"embedder=openai:m url={server.Url}/v1 key={key}\n");
        UntilStatus("trouble openai:m: ", "401");
        File.WriteAllText(key, "sk-verysecret");
        UntilStatus("embedder openai:m@", "embedded 1\n");
        Assert.Contains("\tmemory/cat.md\t", Waiting.Until(() => Ask("feline"), table => table.Contains("cat.md")));
        Assert.Equal("", TryShell(_claw.Mount, "grep -rl sk-verysecret sys README").Out);
        Assert.DoesNotContain("sk-verysecret", Shell(_claw.State, "cat mounts/*/log"));
    }

    /// <summary>Eight directions; words of a kind have the same.</summary>
    private static float[] MeaningOf(string text)
    {
        float[] vector = [.. Enumerable.Repeat(0.01f, 8)];
        foreach (string word in text.Split((char[])[' ', '\n', '.', '#'], StringSplitOptions.RemoveEmptyEntries))
        {
            int kind = word switch { "cat" or "feline" => 0, "dog" or "canine" => 1, _ => 2 + (int)((uint)string.GetHashCode(word, StringComparison.Ordinal) % 6) };
            vector[kind] += kind < 2 ? 5 : 1;
        }
        return vector;
    }

    private void WriteFiles()
    {
        for (int i = 0; i < Files - 1; i++)
            File.WriteAllText(Path.Combine(_claw.Memory, $"f{i}.md"), $"# File {i}\n\nmarker{i} stands here beside shared words of topic{i % 9} and others like part{i % 17}.\n");
        File.WriteAllText(Path.Combine(_claw.Memory, "cat.md"), "a cat sleeps on the warm stone\n");
    }

    /// <summary>Asks through a handle, with options.</summary>
    private string Ask(string query, string options) =>
        Shell(Search, $"exec 3<new; read n <&3; echo '{query}' > $n/query; echo '{options}' > $n/opts; cat $n/results.tsv; exec 3<&-");

    private string Ask(string query) => File.ReadAllText(Path.Combine(Search, query, "results.tsv"));

    private string UntilStatus(params string[] parts) =>
        Waiting.Until(() => File.ReadAllText(Path.Combine(_claw.Mount, "sys/index/status")), text => parts.All(part => text.Contains(part, StringComparison.Ordinal)));
}
