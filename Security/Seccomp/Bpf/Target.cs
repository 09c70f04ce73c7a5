namespace ClawOS.Security.Seccomp.Bpf;

/// <summary>Where a jump leads: to the return of a value, or to an instruction by its place counted from the program's end.</summary>
internal readonly record struct Target
{
    private Target(uint value, int place) => (Value, Place) = (value, place);

    /// <summary>The returned value, if <see cref="Place"/> is 0.</summary>
    internal uint Value { get; }

    /// <summary>The instruction, the last one of the program being 1; 0 for a return, wherever one stands.</summary>
    internal int Place { get; }

    internal bool IsReturn => Place == 0;

    internal static Target At(int place) => new(0, place);

    internal static Target Return(FilterAction action) => new(action.ReturnValue, 0);
}
