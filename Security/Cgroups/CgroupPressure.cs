namespace ClawOS.Security.Cgroups;

/// <summary>How much of the time processes waited (Documentation/accounting/psi.rst).</summary>
/// <param name="Average10">Percent of the last 10 seconds.</param>
/// <param name="Average60">Percent of the last minute.</param>
/// <param name="Average300">Percent of the last five minutes.</param>
/// <param name="Total">The waiting since the group was made.</param>
public sealed record PressureLine(double Average10, double Average60, double Average300, TimeSpan Total);

/// <summary>The waiting for one thing.</summary>
/// <param name="Some">Some process waited; null where the kernel does not say it.</param>
/// <param name="Full">All processes that had work waited at once; null where the kernel does not say it.</param>
public sealed record PressureOf(PressureLine? Some, PressureLine? Full);

/// <summary>The pressure on one group.</summary>
/// <param name="Cpu">Waiting for a processor, a used-up limit included where version 2 has the cpu controller.</param>
/// <param name="Memory">Waiting for memory to be taken back.</param>
/// <param name="Io">Waiting for the disk.</param>
public sealed record CgroupPressure(PressureOf Cpu, PressureOf Memory, PressureOf Io);
