using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees.Tests;

/// <summary>A program that uses a mount table through the calls the kernel would make.</summary>
internal sealed class Caller(MountTable table)
{
    public ulong Find(string path)
    {
        ulong node = Vfs.Vfs.RootNode;
        foreach (string name in path.Split('/'))
        {
            Assert.Equal(Errno.Ok, table.Lookup(new Asked(), node, Encoding.UTF8.GetBytes(name), out Entry entry));
            node = entry.Node;
        }
        return node;
    }

    public ulong Open(ulong node, int flags)
    {
        Assert.Equal(Errno.Ok, table.Open(new Asked(), node, flags, false, out OpenReply reply));
        return reply.Handle;
    }

    public string Cat(string path)
    {
        ulong node = Find(path);
        ulong handle = Open(node, 0);
        StringBuilder text = new();
        byte[] buffer = new byte[4096];
        for (ulong offset = 0; ;)
        {
            Assert.Equal(Errno.Ok, table.Read(new Asked(), node, handle, offset, buffer, out int count));
            if (count == 0)
            {
                table.Release(new Asked(), node, handle, 0);
                return text.ToString();
            }
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            offset += (ulong)count;
        }
    }

    /// <summary>What `echo text > path` returns from write, or else from close.</summary>
    public Errno Echo(string text, string path)
    {
        ulong node = Find(path);
        ulong handle = Open(node, 1 | 0x200);
        Errno error = table.Write(new Asked(), node, handle, 0, Encoding.UTF8.GetBytes(text + "\n"), false, false, out _);
        Errno closed = table.Flush(new Asked(), node, handle);
        table.Release(new Asked(), node, handle, 0);
        return error == Errno.Ok ? closed : error;
    }

    /// <summary>Writes a line to a channel and reads until the answer ends.</summary>
    public string Ask(string path, string line)
    {
        ulong node = Find(path);
        ulong handle = Open(node, 2);
        Assert.Equal(Errno.Ok, table.Write(new Asked(), node, handle, 0, Encoding.UTF8.GetBytes(line + "\n"), false, false, out _));
        StringBuilder text = new();
        for (string part = ReadAnswer(node, handle); part.Length != 0; part = ReadAnswer(node, handle))
        {
            text.Append(part);
        }
        table.Release(new Asked(), node, handle, 0);
        return text.ToString();
    }

    public string ReadAnswer(ulong node, ulong handle)
    {
        byte[] buffer = new byte[4096];
        Asked request = new();
        Errno error = table.Read(request, node, handle, 0, buffer, out int count);
        return error == Vfs.Vfs.Parked ? request.Wait() : Encoding.UTF8.GetString(buffer, 0, count);
    }

    /// <summary>One request; waits for the answer where it was parked.</summary>
    internal sealed class Asked : Request
    {
        private readonly TaskCompletionSource<string> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Asked()
        {
            Uid = 1000;
            Pid = 42;
        }

        public bool IsAnswered => answer.Task.IsCompleted;

        public string Wait() => answer.Task.Wait(TimeSpan.FromSeconds(20)) ? answer.Task.Result : throw new TimeoutException("no answer");

        public override ParkedRequest Park() => new Parked(answer);

        private sealed class Parked(TaskCompletionSource<string> answer) : ParkedRequest
        {
            public override bool Interrupted => false;
            public override void OnInterrupt(Action<ParkedRequest> callback) { }
            public override void Complete(Errno error) => answer.SetResult(error.ToString());
            public override void CompleteData(ReadOnlySpan<byte> data) => answer.SetResult(Encoding.UTF8.GetString(data));
            public override void CompleteCount(uint count) => answer.SetResult("");
            public override void CompleteOpen(in OpenReply reply) => answer.SetResult("");
            public override void CompletePosition(ulong position) => answer.SetResult("");
            public override void CompletePoll(uint events) => answer.SetResult("");
        }
    }
}
