namespace ClawOS.Security.Cgroups.Tests.Host;

public sealed class RightsTests
{
    [Fact]
    public void A_user_without_rights_is_told_so_and_how_to_get_them()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root, to become somebody without rights");
        RealHost.Need(CgroupAbility.Processes);
        using Probe stranger = Probe.Start("stranger", RealHost.NewName());
        string[] lines = stranger.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enum.GetValues<CgroupAbility>().Length + 1, lines.Length);
        Assert.Matches("^Processes: missing \\(pids: .*: not delegated to this user; run as root, or have a part of the tree delegated: systemd-run ", lines[(int)CgroupAbility.Processes]);
        Assert.Matches("^limit 5 processes: pids: .*: not delegated to this user; run as root, or ", lines[^1]);
    }

    [Fact]
    public void Every_ability_is_either_somewhere_or_missing_for_a_reason()
    {
        CgroupHost host = CgroupHost.Detect();
        Assert.All(Enum.GetValues<CgroupAbility>(), ability =>
        {
            AbilityState state = host[ability];
            Assert.Equal(state.IsAvailable, state.Folder is not null && state.Version is not null && state.Reason is null && state.WayOut is null);
            Assert.True(state.IsAvailable ? Directory.Exists(Path.GetDirectoryName(state.Folder)) : state.Reason!.Length > 0);
        });
    }
}
