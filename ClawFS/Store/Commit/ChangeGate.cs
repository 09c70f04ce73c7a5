namespace ClawFS.Store.Commit;

/// <summary>
/// Every change passes here in shared mode; the freeze of a checkpoint takes it alone. So at the freeze no change is half done: what the journal holds
/// and what memory holds are the same prefix of answers.
/// </summary>
internal sealed class ChangeGate
{
    private readonly ReaderWriterLockSlim gate = new(LockRecursionPolicy.NoRecursion);

    public Pass Enter()
    {
        gate.EnterReadLock();
        return new(gate);
    }

    public Freeze EnterAlone()
    {
        gate.EnterWriteLock();
        return new(gate);
    }

    public readonly ref struct Pass(ReaderWriterLockSlim gate)
    {
        public void Dispose() => gate.ExitReadLock();
    }

    public readonly ref struct Freeze(ReaderWriterLockSlim gate)
    {
        public void Dispose() => gate.ExitWriteLock();
    }
}
