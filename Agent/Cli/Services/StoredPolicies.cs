using ClawFS.Linux;
using ClawFS.Store;
using ClawOS.Security.Trees;

namespace ClawOS.Cli.Services;

/// <summary>Keeps the policies in a hidden file of the store, encrypted like everything else.</summary>
internal sealed class StoredPolicies(MountedStore mounted) : PolicyStorage
{
    // Texts are kept in base64, a third longer, with their names.
    private const int MaxBytes = (int)LivePolicies.MaxBytes * 2;

    public override Errno Load(out byte[]? content)
    {
        byte[]? loaded = null;
        Errno error = Try(tree => loaded = ReplacedFile.Load(tree, FileName, MaxBytes));
        content = loaded;
        return error;
    }

    public override Errno Save(ReadOnlySpan<byte> content)
    {
        byte[] bytes = content.ToArray();
        return Try(tree => ReplacedFile.Save(tree, FileName, bytes));
    }

    public override Errno SetAside() => Try(static tree => new HiddenFile(tree, FileName).Rotate(FileName + ".damaged"));

    private Errno Try(Action<StoredTree> act)
    {
        try
        {
            if (mounted.Current is not { } store)
            {
                return Errno.ENOKEY;
            }

            act(store.Tree);
            return Errno.Ok;
        }
        catch (StoreException refused)
        {
            return refused.Error;
        }
    }
}
