using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Policy;
using ClawOS.Security.Trees;
using PolicyTree.Tests.Fakes;

namespace PolicyTree.Tests;

public sealed class LivePoliciesTests
{
    private readonly MemoryStorage _storage = new();
    private readonly List<string> _reports = [];
    private readonly List<PolicySetChanged> _told = [];
    private readonly LivePolicies _policies;

    public LivePoliciesTests() => _policies = new LivePolicies(_storage, _reports.Add) { Changed = _told.Add };

    [Fact]
    public void A_store_without_policies_gets_the_shipped_ones_to_the_byte_and_keeps_them()
    {
        _policies.Open();
        Assert.Equal(["coder", "read-only", "researcher", "tool-default"], _told.Single().Files.Select(file => file.Name));
        Assert.All(PolicySet.ShippedTexts(), shipped => Assert.Equal(shipped.Text, _told[0].Files.Single(file => file.Name == shipped.Name).Utf8.ToArray()));
        Assert.All(_told[0].Policies.Names, name => Assert.NotNull(_told[0].Policies.Compile(name).Policy));
        byte[] kept = _storage.Content!;
        Again();
        Assert.Equal(kept, _storage.Content);
        Assert.Equal(1, _told[^1].Version);
    }

    [Fact]
    public void A_pattern_is_refused_unless_AppArmor_is_among_the_layers()
    {
        const string Pattern = "[paths]\nread = [\"/srv/*.txt\"]\n";
        _policies.Open();
        Assert.Contains("pattern", Save("mine", Pattern)!.Shown, StringComparison.Ordinal);
        LivePolicies profiled = new(new MemoryStorage(), _reports.Add, Layers.Stock | Layers.AppArmor);
        profiled.Open();
        Assert.Null(Save("mine", Pattern, profiled));
        Assert.True(profiled.Current!.Policies.Contains("mine"));
    }

    [Fact]
    public void A_store_that_takes_nothing_shows_the_shipped_ones()
    {
        _storage.Refusal = Errno.EROFS;
        _policies.Open();
        Assert.Equal(4, _told.Single().Files.Count);
        Assert.Empty(_reports);
        Assert.Equal(Errno.EROFS, Save("coder", "")!.Error);
    }

    [Fact]
    public void A_change_is_kept_before_it_is_told_and_the_version_grows_over_restarts()
    {
        _policies.Open();
        _storage.Refusal = Errno.ENOSPC;
        Assert.Equal(Errno.ENOSPC, Save("mine", "extends = \"coder\"\n")!.Error);
        Assert.Single(_told);
        _storage.Refusal = Errno.Ok;
        Assert.Null(Save("mine", "extends = \"coder\"\n"));
        Assert.Equal(2, _told[^1].Version);
        Again();
        Assert.Equal(2, _told[^1].Version);
        Assert.Equal("extends = \"coder\"\n", Encoding.UTF8.GetString(_told[^1].Files.Single(file => file.Name == "mine").Utf8.Span));
        Assert.Null(Save("mine", "extends = \"coder\"\n"));
        Assert.Equal(2, _policies.Current!.Version);
    }

    [Fact]
    public void What_makes_a_child_invalid_is_refused_and_the_child_named()
    {
        _policies.Open();
        Assert.Null(Save("mine", "extends = \"coder\"\n[paths]\nread = [\"/usr/lib/**\"]\n"));
        Rejection refused = Save("coder", "[paths]\nread = [\"/opt/**\"]\n")!;
        Assert.Contains("'mine'", refused.Reason);
        Assert.Contains("mine.toml:3:", refused.Shown);
        Rejection gone;
        lock (_policies.Gate)
        {
            gone = _policies.Change(state => state with { Active = state.Active.Remove("coder") })!;
        }

        Assert.Contains("'mine'", gone.Reason);
        Assert.Equal(2, _policies.Current!.Version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"format\":1}")]
    [InlineData("{\"format\":2,\"version\":1,\"mode\":\"enforce\",\"active\":[],\"drafts\":[]}")]
    [InlineData("{\"format\":1,\"version\":1,\"mode\":\"enforced\",\"active\":[],\"drafts\":[]}")]
    [InlineData("{\"format\":1,\"version\":1,\"mode\":\"enforce\",\"active\":[{\"name\":\"../x\",\"seconds\":0,\"nanoseconds\":0,\"bytes\":\"\"}],\"drafts\":[]}")]
    [InlineData("{\"format\":1,\"version\":1,\"mode\":\"enforce\",\"active\":[{\"name\":\"x\",\"seconds\":0,\"nanoseconds\":0,\"bytes\":\"?\"}],\"drafts\":[]}")]
    public void Damaged_policies_allow_nothing_and_are_set_aside_by_the_next_save(string content)
    {
        _storage.Content = Encoding.UTF8.GetBytes(content);
        _policies.Open();
        Assert.Empty(_told.Single().Files);
        Assert.False(_told[0].Policies.Contains("coder"));
        Assert.Single(_reports);
        Assert.True(_policies.IsDamaged);
        Assert.Null(Save("mine", "[paths]\nread = [\"/opt/**\"]\n"));
        Assert.Equal(content, Encoding.UTF8.GetString(_storage.Aside!));
        Assert.Equal(["mine"], _told[^1].Files.Select(file => file.Name));
        Assert.False(_policies.IsDamaged);
    }

    [Fact]
    public void A_policy_that_is_kept_but_not_valid_is_told_and_allows_nothing()
    {
        _policies.Open();
        _storage.Content = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_storage.Content!).Replace("\"active\":[", "\"active\":[{\"name\":\"a\",\"seconds\":0,\"nanoseconds\":0,\"bytes\":\"eD0x\"},"));
        Again();
        Assert.Contains("a.toml:1:1", _reports.Single());
        Assert.Null(_told[^1].Policies.Compile("a").Policy);
        // It does not stand in the way of others.
        Assert.Null(Save("b", "extends = \"coder\"\n"));
        Assert.Null(Save("a", "extends = \"coder\"\n"));
    }

    [Fact]
    public void A_locked_store_takes_nothing_and_tells_nothing()
    {
        _policies.Open();
        _policies.Close();
        Assert.Null(_policies.Current);
        Assert.Equal(Errno.ENOKEY, Save("coder", "")!.Error);
        Assert.Single(_told);
    }

    private void Again()
    {
        _policies.Close();
        _policies.Open();
    }

    private Rejection? Save(string name, string text, LivePolicies? policies = null)
    {
        LivePolicies into = policies ?? _policies;
        lock (into.Gate)
        {
            return into.Change(state => state with { Active = state.Active.SetItem(name, new KeptText(Encoding.UTF8.GetBytes(text), Timestamp.Now)) }, name);
        }
    }
}
