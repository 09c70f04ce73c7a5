namespace ClawFS.Linux.Tests;

public sealed class FileDescriptorTests
{
    [Fact]
    public void A_copy_is_close_on_exec_and_lives_longer_than_the_original()
    {
        using TempFolder temp = new();
        using FileStream stream = File.Create(temp["a"]);
        FileDescriptor original = CopyOf(stream);
        using FileDescriptor copy = original.Dup();
        original.Dispose();

        Assert.True(IsCloseOnExec(copy));
        Assert.Equal(temp["a"], File.ResolveLinkTarget($"/proc/self/fd/{copy.DangerousGetHandle()}", false)!.FullName);
    }

    [Fact]
    public void Inheritance_is_asked_for_and_taken_back()
    {
        using TempFolder temp = new();
        using FileStream stream = File.Create(temp["a"]);
        using FileDescriptor descriptor = CopyOf(stream);

        descriptor.SetInheritable(true);
        Assert.False(IsCloseOnExec(descriptor));
        descriptor.SetInheritable(false);
        Assert.True(IsCloseOnExec(descriptor));
    }

    [Fact]
    public void Adopting_a_number_that_is_not_open_is_EBADF()
    {
        LinuxException e = Assert.Throws<LinuxException>(() => FileDescriptor.Adopt(900_000));

        Assert.Equal(Errno.EBADF, e.Error);
    }

    [Fact]
    public void A_closed_descriptor_is_not_used()
    {
        using TempFolder temp = new();
        using FileStream stream = File.Create(temp["a"]);
        FileDescriptor descriptor = CopyOf(stream);
        descriptor.Dispose();

        Assert.Throws<ObjectDisposedException>(descriptor.Dup);
    }

    private static FileDescriptor CopyOf(FileStream stream)
    {
        FileDescriptor borrowed = new((int)stream.SafeFileHandle.DangerousGetHandle());
        FileDescriptor copy = borrowed.Dup();
        borrowed.SetHandleAsInvalid();
        return copy;
    }

    // The flags line of fdinfo is octal; 02000000 is O_CLOEXEC.
    private static bool IsCloseOnExec(FileDescriptor descriptor)
    {
        string flags = File.ReadLines($"/proc/self/fdinfo/{descriptor.DangerousGetHandle()}")
            .First(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt32(flags[6..].Trim(), 8) & Convert.ToInt32("02000000", 8)) != 0;
    }
}
