using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Demonstration;

/// <summary>A channel whose service stands still holds up its own clients and nobody else.</summary>
public sealed class StoppedChannelTests
{
    private const int Requests = 1000;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private const string Client = """
        import os, sys, threading
        threading.stack_size(65536)
        answers = []
        def ask(i):
            fd = os.open(sys.argv[1], os.O_RDWR)
            os.write(fd, b"request %d\n" % i)
            answers.append(os.read(fd, 100) == b"request %d" % i)
            os.close(fd)
        all = [threading.Thread(target=ask, args=(i,)) for i in range(int(sys.argv[2]))]
        [t.start() for t in all]
        [t.join() for t in all]
        print(len(answers), all and set(answers))
        """;

    [Fact]
    public void A_thousand_requests_stay_pending_while_ls_and_cat_complete()
    {
        Need.Program("python3");
        StoppedService service = new();
        using DemonstrationMount mount = new(service);
        using RunningProgram client = StartClient(mount);
        Assert.True(service.WaitFor(Requests, s_limit), client.Printed);
        Assert.Equal("README\nask\nread me\n", Programs.Shell("/", $"cd '{mount.Folder}'; ls; cat README", 10));
        Assert.Equal("", Programs.Shell("/", $"cat '{mount.Folder}/ask'; grep -r nothing '{mount.Folder}' || true", 10));
        Assert.False(client.HasExited);
        service.AnswerAll();
        Assert.Equal($"{Requests} {{True}}", client.Wait(s_limit).Must().Out.Trim());
    }

    [Fact]
    public void A_killed_client_abandons_its_requests()
    {
        Need.Program("python3");
        StoppedService service = new();
        using DemonstrationMount mount = new(service);
        using RunningProgram client = StartClient(mount);
        Assert.True(service.WaitFor(Requests, s_limit), client.Printed);
        client.Kill();
        client.Wait(s_limit);
        Assert.True(SpinWait.SpinUntil(() => service.Abandoned == Requests, s_limit), $"{service.Abandoned} of {Requests} were abandoned");
        Assert.Equal("read me\n", Programs.Shell("/", $"cat '{mount.Folder}/README'", 10));
    }

    private static RunningProgram StartClient(DemonstrationMount mount) =>
        Programs.Start(new ProgramOptions(), "bash", "-c", $"ulimit -n 4096; exec python3 -c '{Client}' '{mount.Folder}/ask' {Requests}");
}
