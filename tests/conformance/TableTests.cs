using ClawOS.Conformance.Script;
using ClawOS.Mounting;

namespace ClawOS.Conformance;

/// <summary>Every row of every table, in an empty folder of its own that root owns with mode 0755.</summary>
public abstract class TableTests(ITarget target)
{
    private static int s_count;

    public static TheoryData<string> Rows => [.. TableReader.All.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_holds(string row)
    {
        Need.Root();
        string folder = Path.Combine(target.Folder, $"row{Interlocked.Increment(ref s_count)}");
        Directory.CreateDirectory(folder);
        RowRunner.Run(TableReader.All[row], folder);
    }
}

[Collection(Ext4Target.Name)]
public sealed class Tables_on_ext4(Ext4Target target) : TableTests(target);

[Collection(ClawTarget.Name)]
public sealed class Tables_on_claw(ClawTarget target) : TableTests(target);
