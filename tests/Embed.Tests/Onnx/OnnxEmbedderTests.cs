using ClawFS.Embedding;
using ClawOS.Embed.Onnx;

namespace ClawOS.Embed.Tests.Onnx;

public sealed class OnnxEmbedderTests : IDisposable
{
    private readonly TinyModel model = new();

    public void Dispose() => model.Dispose();

    [Fact]
    public async Task A_text_is_the_mean_of_its_tokens_whatever_stands_beside_it()
    {
        using OnnxEmbedder embedder = OnnxEmbedder.Open(model.Folder);
        Assert.Equal(TinyModel.Width, embedder.Dimensions);
        float[][] vectors = await embedder.EmbedAsync(["red green", "Keys", "", "a word it does not know and a long text red red red"], TestContext.Current.CancellationToken);
        Equal(TinyModel.Mean("[CLS]", "red", "green", "[SEP]"), vectors[0]);
        Equal(TinyModel.Mean("[CLS]", "key", "##s", "[SEP]"), vectors[1]);
        Equal(TinyModel.Mean("[CLS]", "[SEP]"), vectors[2]);
        Equal(TinyModel.Mean(["[CLS]", .. Enumerable.Repeat("[UNK]", 10), "red", "red", "red", "[SEP]"]), vectors[3]);
    }

    [Fact]
    public async Task More_texts_than_one_run_takes_keep_their_order()
    {
        using OnnxEmbedder embedder = OnnxEmbedder.Open(model.Folder);
        string[] texts = [.. Enumerable.Range(0, 21).Select(i => string.Join(' ', Enumerable.Repeat(TinyModel.Tokens[5 + (i % 4)], 1 + (i % 3))))];
        float[][] together = await embedder.EmbedAsync(texts, TestContext.Current.CancellationToken);
        for (int i = 0; i < texts.Length; i++)
        {
            Equal((await embedder.EmbedAsync([texts[i]], TestContext.Current.CancellationToken))[0], together[i]);
        }
    }

    [Fact]
    public async Task Long_texts_are_cut_where_the_folder_says()
    {
        Write("sentence_bert_config.json", """{"max_seq_length": 4}""");
        using OnnxEmbedder embedder = OnnxEmbedder.Open(model.Folder);
        Equal(TinyModel.Mean("[CLS]", "red", "green", "[SEP]"), (await embedder.EmbedAsync(["red green blue blue blue"], TestContext.Current.CancellationToken))[0]);
    }

    [Fact]
    public async Task The_first_token_is_taken_where_the_folder_says()
    {
        Write("1_Pooling/config.json", """{"pooling_mode_cls_token": true}""");
        using OnnxEmbedder embedder = OnnxEmbedder.Open(model.Folder);
        Equal(TinyModel.Mean("[CLS]"), (await embedder.EmbedAsync(["red"], TestContext.Current.CancellationToken))[0]);
    }

    [Fact]
    public async Task Capitals_count_where_the_folder_says()
    {
        Write("tokenizer_config.json", """{"do_lower_case": false}""");
        using OnnxEmbedder embedder = OnnxEmbedder.Open(model.Folder);
        Equal(TinyModel.Mean("[CLS]", "[UNK]", "[SEP]"), (await embedder.EmbedAsync(["RED"], TestContext.Current.CancellationToken))[0]);
    }

    [Fact]
    public async Task A_word_piece_tokenizer_in_json_serves_as_well()
    {
        File.Delete(Path.Combine(model.Folder, "vocab.txt"));
        Write("tokenizer.json", $$"""{"model": {"type": "WordPiece", "vocab": { {{string.Join(",", TinyModel.Tokens.Select((token, i) => $"\"{token}\": {i}"))}} } } }""");
        using OnnxEmbedder embedder = OnnxEmbedder.Open(model.Folder);
        Equal(TinyModel.Mean("[CLS]", "blue", "[SEP]"), (await embedder.EmbedAsync(["blue"], TestContext.Current.CancellationToken))[0]);
    }

    [Fact]
    public void Another_model_in_the_same_folder_has_another_name()
    {
        string before, after;
        using (OnnxEmbedder first = OnnxEmbedder.Open(model.Folder))
        {
            before = first.Name;
        }
        using TinyModel other = new();
        File.AppendAllBytes(Path.Combine(other.Folder, "model.onnx"), [0x12, 1, (byte)'x']); // producer_name.
        File.Copy(Path.Combine(other.Folder, "model.onnx"), Path.Combine(model.Folder, "model.onnx"), overwrite: true);
        using (OnnxEmbedder second = OnnxEmbedder.Open(model.Folder))
        {
            after = second.Name;
        }
        Assert.StartsWith($"onnx:{Path.GetFileName(model.Folder)}#", before, StringComparison.Ordinal);
        Assert.NotEqual(before, after);
    }

    [Theory]
    [InlineData("model.onnx", null, "there is no model.onnx")]
    [InlineData("model.onnx", "garbage", "ONNX Runtime refuses")]
    [InlineData("vocab.txt", null, "there is no vocab.txt")]
    [InlineData("vocab.txt", "", "vocabulary")]
    [InlineData("config.json", "{", "config.json")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_max_tokens": true}""", "1_Pooling/config.json")]
    public void What_cannot_be_used_is_refused_by_name(string file, string? content, string reason)
    {
        if (content is null)
        {
            File.Delete(Path.Combine(model.Folder, file));
        }
        else
        {
            Write(file, content);
        }
        EmbedException refused = Assert.Throws<EmbedException>(() => OnnxEmbedder.Open(model.Folder));
        Assert.Equal(EmbedFailureKind.Unusable, refused.Kind);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vocabularies_of_other_kinds_are_refused_by_name()
    {
        File.Delete(Path.Combine(model.Folder, "vocab.txt"));
        Write("tokenizer.json", """{"model": {"type": "Unigram", "vocab": []}}""");
        Assert.Contains("of type Unigram", Assert.Throws<EmbedException>(() => OnnxEmbedder.Open(model.Folder)).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(model.Folder, "tokenizer.json"));
        Write("sentencepiece.bpe.model", "x");
        Assert.Contains("SentencePiece", Assert.Throws<EmbedException>(() => OnnxEmbedder.Open(model.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_wants_something_else_is_refused_by_name()
    {
        using TinyModel other = new(input: "pixel_values");
        Assert.Contains("pixel_values", Assert.Throws<EmbedException>(() => OnnxEmbedder.Open(other.Folder)).Message, StringComparison.Ordinal);
    }

    private void Write(string file, string content)
    {
        string path = Path.Combine(model.Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    private static void Equal(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5f);
        }
    }
}
