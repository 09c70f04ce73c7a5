using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ClawOS.Security.Seccomp.Bpf;

namespace ClawOS.Security.Seccomp;

/// <summary>A filter as text for people: one instruction a line, with the numbers that its jumps lead to and the names of calls.</summary>
public static class FilterListing
{
    /// <summary>Instructions of a filter.</summary>
    public static int Count(ReadOnlySpan<byte> filter) => filter.Length / Instruction.Size;

    /// <summary>The listing of a filter that <see cref="SeccompCompiler"/> made.</summary>
    public static string Render(ReadOnlySpan<byte> filter, Architecture architecture)
    {
        SyscallTable table = SyscallTable.For(architecture);
        StringBuilder text = new();
        uint loaded = 0;
        for (int i = 0; i < Count(filter); i++)
        {
            Instruction instruction = Instruction.Read(filter[(i * Instruction.Size)..]);
            loaded = instruction.Code == Instruction.LoadWord ? instruction.Value : loaded;
            string line = string.Create(CultureInfo.InvariantCulture, $"{i,4}  {Text(instruction, i)}");
            string remark = Remark(instruction, loaded, table);
            text.Append(remark.Length == 0 ? line.TrimEnd() : $"{line,-40}; {remark}").Append('\n');
        }

        return text.ToString();
    }

    private static string Text(Instruction instruction, int at) => instruction.Code switch
    {
        Instruction.LoadWord => $"load  [{instruction.Value}]",
        Instruction.And => $"and   0x{instruction.Value:x}",
        Instruction.Jump => $"go    {at + 1 + instruction.Value}",
        Instruction.Return => $"ret   0x{instruction.Value:x8}",
        Instruction.JumpIfEqual => Branch("==", instruction, at),
        Instruction.JumpIfGreater => Branch(">", instruction, at),
        Instruction.JumpIfAtLeast => Branch(">=", instruction, at),
        Instruction.JumpIfAnyBit => Branch("&", instruction, at),
        _ => $"0x{instruction.Code:x} 0x{instruction.Value:x}",
    };

    private static string Branch(string comparison, Instruction instruction, int at) =>
        $"{"if " + comparison,-6}{Constant(instruction.Value)} go {at + 1 + instruction.IfTrue} else {at + 1 + instruction.IfFalse}";

    private static string Constant(uint value) => value < 0x400 ? value.ToString(CultureInfo.InvariantCulture) : $"0x{value:x}";

    private static string Remark(Instruction instruction, uint loaded, SyscallTable table) => instruction.Code switch
    {
        Instruction.LoadWord => Word(instruction.Value),
        Instruction.Return => Action(instruction.Value),
        Instruction.JumpIfEqual or Instruction.JumpIfAtLeast when loaded == SeccompData.Number => table.NameOf((int)instruction.Value) ?? "",
        _ => "",
    };

    private static string Word(uint offset) => offset switch
    {
        SeccompData.Number => "number",
        SeccompData.Architecture => "architecture",
        _ => $"argument {(offset - SeccompData.LowHalf(0)) / 8}, {(offset % 8 == 0 ? "lower" : "upper")} half",
    };

    private static string Action(uint value)
    {
        foreach (ActionKind kind in Enum.GetValues<ActionKind>())
        {
            if (kind != ActionKind.Errno && FilterAction.Of(kind) is var action && action.ReturnValue == value)
            {
                return action.ToString();
            }
        }

        return $"errno {value & 0xFFFF}";
    }
}
