using System.Globalization;
using System.Text.Json.Nodes;
using ClawFS.Search;
using ClawFS.Search.Tuning;
using ClawFS.Trees;

namespace ClawOS.Cli.Services;

/// <summary>What sys/ctl understands about the search index: docs/ipc.md is the table.</summary>
internal sealed class IndexCommands(SearchHost search)
{
    private const int MostOfSample = 1_000_000;

    private readonly IndexTuning tuning = new();

    /// <summary>Adds the commands to the service behind sys/ctl.</summary>
    internal void Register(ControlService control) => control
        .Add("index-tune", "Measure the index and choose efSearch: recall, apply.", TuneAsync)
        .Add("index-set", "Change some of sys/index/params: settings.", (request, _) => Task.FromResult(Set(Text(request, "settings"))))
        .Add("index-vectors", "A part of a sample of the index's vectors: sample, from.", (request, _) => Task.FromResult(Vectors(request)));

    private async Task<JsonObject> TuneAsync(JsonObject request, ControlCall call)
    {
        double recall = request["recall"]?.GetValue<double>() ?? 0.95;
        if (recall is not (> 0 and <= 1))
        {
            throw new ControlException(ExitCodes.Usage, "\"recall\" is above 0 and at most 1");
        }

        SearchService service = Open();
        TuningReport report;
        try
        {
            report = await tuning.MeasureAsync(service, recall, call.Progress, call.Abandoned).ConfigureAwait(false);
        }
        catch (TuningException refused)
        {
            throw new ControlException(ExitCodes.Failed, refused.Message);
        }

        int before = service.Settings.EfSearch;
        bool applies = (request["apply"]?.GetValue<bool>() ?? false) && report.Chosen is { } chosen && chosen != before;
        if (applies)
        {
            _ = Set($"efSearch={report.Chosen}");
        }

        return new JsonObject
        {
            ["vectors"] = report.Vectors,
            ["dimensions"] = report.Dimensions,
            ["queries"] = report.Queries,
            ["recall"] = recall,
            ["before"] = before,
            ["chosen"] = report.Chosen,
            ["applied"] = applies,
            ["rows"] = new JsonArray([.. report.Rows.Select(static row => (JsonNode)new JsonObject
            {
                ["efSearch"] = row.EfSearch,
                ["recall"] = Math.Round(row.Recall, 4),
                ["p50_us"] = Math.Round(row.MedianMicroseconds, 1),
            })]),
        };
    }

    private JsonObject Set(string text)
    {
        SearchService service = Open();
        if (service.Settings.TryChange(text, out IndexSettings changed) is { } wrong)
        {
            throw new ControlException(ExitCodes.Usage, $"'{wrong.Word}': {wrong.Reason}");
        }

        if (changed != service.Settings && service.Change(changed) is { } refused)
        {
            throw new ControlException(ExitCodes.Failed, refused.Reason);
        }

        return new JsonObject { ["settings"] = service.Settings.ToString() };
    }

    private JsonObject Vectors(JsonObject request)
    {
        int size = Math.Clamp(request["sample"]?.GetValue<int>() ?? 0, 0, MostOfSample), from = Math.Max(0, request["from"]?.GetValue<int>() ?? 0);
        try
        {
            VectorSample sample = IndexTuning.Sample(Open(), size, from);
            return new JsonObject
            {
                ["generation"] = sample.Generation,
                ["total"] = sample.Total,
                ["vectors"] = new JsonArray([.. sample.Vectors.Select(static row => (JsonNode)new JsonArray(row.Label.ToString(CultureInfo.InvariantCulture), ToBase64(row.Vector)))]),
            };
        }
        catch (TuningException refused)
        {
            throw new ControlException(ExitCodes.Failed, refused.Message);
        }
    }

    private static string ToBase64(float[] vector)
    {
        byte[] bytes = new byte[vector.Length * sizeof(float)];
        for (int i = 0; i < vector.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        return Convert.ToBase64String(bytes);
    }

    private SearchService Open() => search.Current ?? throw new ControlException(ExitCodes.WrongKey, "the store is locked; claw unlock opens it");

    private static string Text(JsonObject request, string name) =>
        request[name]?.GetValue<string>() ?? throw new ControlException(ExitCodes.Usage, $"\"{name}\" is missing");
}
