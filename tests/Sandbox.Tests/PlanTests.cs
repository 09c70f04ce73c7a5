using System.Buffers.Binary;
using ClawFS.Linux;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Amending;
using ClawOS.Security.Sandbox.Layout;

namespace Sandbox.Tests;

/// <summary>The bytes of a plan: what claw-exec makes of those that are not whole.</summary>
public sealed class PlanTests
{
    [Fact]
    public void A_plan_begins_with_its_name_version_and_size()
    {
        using Box box = new();
        byte[] bytes = PlanWriter.Write(box.Plan("true"));
        Assert.Equal("CLXP"u8.ToArray(), bytes[..4]);
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)));
        Assert.Equal((uint)bytes.Length, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
        Assert.Equal(0, bytes[^1]);
    }

    [Fact]
    public void A_text_with_a_zero_byte_is_no_part_of_a_plan()
    {
        using Box box = new();
        Assert.Throws<ArgumentException>(() => PlanWriter.Write(box.Plan("true", "a\0b")));
    }

    [Fact]
    public void A_plan_that_is_cut_off_is_refused_wherever_that_is()
    {
        using Box box = new();
        byte[] bytes = PlanWriter.Write(box.Plan("true"));
        int step = Math.Max(1, bytes.Length / 40);
        for (int length = 0; length < bytes.Length; length += step)
        {
            Assert.Equal((SandboxEnd.Refused, LaunchStep.CheckPlan, Errno.EINVAL), Told(bytes[..length]));
        }
    }

    [Theory]
    [InlineData(PlanLayout.VersionAt)]
    [InlineData(PlanLayout.FlagsAt)]
    [InlineData(PlanLayout.MountsAt)]
    [InlineData(PlanLayout.ArgumentsAt + 4)]
    [InlineData(PlanLayout.FiltersAt + 4)]
    [InlineData(PlanLayout.FolderAt)]
    public void A_number_of_the_header_that_leads_out_of_the_plan_is_refused(int at)
    {
        using Box box = new();
        byte[] bytes = PlanWriter.Write(box.Plan("true"));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), 0x7FFFFFF8);
        Assert.Equal((SandboxEnd.Refused, LaunchStep.CheckPlan, Errno.EINVAL), Told(bytes));
    }

    [Fact]
    public void Damaged_plans_never_crash_the_launcher()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        Random random = new(seed);
        using Box box = new();
        byte[] good = PlanWriter.Write(box.Plan("true"));
        for (int round = 0; round < 150; round++)
        {
            byte[] bytes = [.. good];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                // Not the time limit: a plan may well run, and then the test waits for it.
                int at = random.Next(bytes.Length);
                bytes[at] = at is >= PlanLayout.MillisecondsAt and < PlanLayout.MillisecondsAt + 4 ? (byte)0 : (byte)random.Next(256);
            }

            Told(bytes, out ExitStatus launcher);
            Assert.True(launcher.Signal == 0, $"signal {launcher.Signal} in round {round} of seed {seed}");
        }
    }

    [Fact]
    public void Damaged_amendments_never_crash_the_launcher()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        Random random = new(seed);
        AmendItem[] items = [.. Enumerable.Range(1, 4).Select(i => new AmendItem((AmendKind)i, new PathWish($"/some/path{i}", IsTree: true, IsHidden: false, MountRestrictions.ReadOnly)) { Set = MountRestrictions.ReadOnly })];
        byte[] good = AmendWriter.Write(SandboxUser.Caller, TimeSpan.FromSeconds(1), items);
        Assert.Equal((SandboxEnd.Refused, LaunchStep.JoinSandbox, Errno.EBADF), Told(good)); // Nobody gave it namespaces.
        for (int round = 0; round < 150; round++)
        {
            byte[] bytes = good[..(random.Next(4) == 0 ? random.Next(good.Length) : good.Length)];
            for (int change = random.Next(1, 4); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Told(bytes, out ExitStatus launcher);
            Assert.True(launcher.Signal == 0, $"signal {launcher.Signal} in round {round} of seed {seed}");
        }
    }

    private static (SandboxEnd Reason, LaunchStep Step, Errno Error) Told(byte[] plan) => Told(plan, out _);

    private static (SandboxEnd Reason, LaunchStep Step, Errno Error) Told(byte[] plan, out ExitStatus ended)
    {
        using Pipe input = Pipe.Create();
        using Pipe result = Pipe.Create();
        SpawnPlan spawn = new() { Program = ClawExec.Path };
        spawn.Descriptors.Add((input.Reader, PlanLayout.PlanDescriptor));
        spawn.Descriptors.Add((result.Writer, PlanLayout.ResultDescriptor));
        ChildProcess launcher = ChildProcess.Start(spawn);
        result.Writer.Dispose();
        Pipe.Write(input.Writer, plan);
        input.Writer.Dispose();
        byte[] record = new byte[PlanLayout.ResultSize];
        SandboxResult told = SandboxResult.Read(record.AsSpan(0, Pipe.ReadToEnd(result.Reader, record)));
        ended = launcher.WaitForExit();
        return (told.Reason, told.Step, told.Error);
    }
}
