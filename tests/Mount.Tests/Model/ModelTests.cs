using System.Globalization;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Model;

/// <summary>
/// The same random operations on the mount and on a plain folder: every answer and, now and then, the whole trees must be equal.
/// CLAW_SEED repeats a run, CLAW_MODEL_OPS sets its length.
/// </summary>
public sealed class ModelTests
{
    private const int TreeEvery = 5_000, RemountEvery = 25_000, LookEvery = 100, Remembered = 25;

    [Fact]
    public void Random_operations_give_the_same_answers_as_on_a_plain_folder()
    {
        Need.Root();
        int seed = Number("CLAW_SEED") ?? Random.Shared.Next();
        int count = Number("CLAW_MODEL_OPS") ?? (Need.Long ? 1_000_000 : 100_000);
        string? given = Environment.GetEnvironmentVariable("CLAW_TEST_DIR");
        using Ext4Folder plain = new();
        using ClawMount? mount = given is null ? new ClawMount().Up() : null;
        using TestFolder tested = new(given ?? mount!.Memory);
        using ModelSide claw = new(tested.Path), model = new(plain.Path);
        OperationGenerator generator = new(new Random(seed));
        Queue<string> last = new();
        for (int i = 0; i < count; i++)
        {
            if (i % LookEvery == 0)
                generator.Known = KnownPaths.Of(model);
            ModelOperation operation = generator.Next();
            last.Enqueue($"{i}: {operation.Text}");
            if (last.Count > Remembered)
                last.Dequeue();
            string expected = operation.Run(model), actual = operation.Run(claw);
            if (expected != actual)
                Assert.Fail($"seed {seed}: operation {i} differs\nplain: {expected}\nclaw:  {actual}\n{string.Join('\n', last)}");
            if (i % RemountEvery == RemountEvery - 1 && mount is not null)
            {
                claw.Dispose();
                model.Dispose();
                mount.Remount();
            }
            if (i % TreeEvery == TreeEvery - 1 || i == count - 1)
                CompareTrees(claw, model, $"seed {seed}, after operation {i}");
        }
    }

    private static void CompareTrees(ModelSide claw, ModelSide model, string when)
    {
        List<string> expected = TreeDescription.Of(model), actual = TreeDescription.Of(claw);
        if (!expected.SequenceEqual(actual))
            Assert.Fail($"{when}: the trees differ\nonly plain:\n{string.Join('\n', expected.Except(actual).Take(10))}\nonly claw:\n{string.Join('\n', actual.Except(expected).Take(10))}");
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : null;
}
