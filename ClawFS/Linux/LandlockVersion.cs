namespace ClawFS.Linux;

/// <summary>Which Landlock the kernel has.</summary>
public static class LandlockVersion
{
    /// <summary>The version of its interface (landlock_create_ruleset(2), LANDLOCK_CREATE_RULESET_VERSION); 0 when there is no Landlock or it is switched off.</summary>
    public static int OfKernel()
    {
        const nint CreateRuleset = 444, AskVersion = 1;
        return (int)Math.Max(0, ProcessCalls.syscall(CreateRuleset, 0, 0, AskVersion, 0));
    }
}
