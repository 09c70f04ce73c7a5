using ClawOS.Bench.Spikes;

if (args is not ["store-shape", .. var rest])
{
    Console.Error.WriteLine("usage: Bench store-shape [FOLDER]   (FOLDER on the disk to measure; default: the temporary folder)");
    return 2;
}
StoreShape.Run(rest.Length > 0 ? rest[0] : Path.GetTempPath());
return 0;
