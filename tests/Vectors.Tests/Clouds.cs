namespace ClawFS.Vectors.Tests;

/// <summary>Vectors like those of text: clusters, with most of their spread in a few directions.</summary>
internal sealed class Clouds
{
    private readonly Random random;
    private readonly float[][] centres;
    private readonly float[][] directions;

    public Clouds(int dimensions, int clusters, int seed)
    {
        random = new Random(seed);
        Dimensions = dimensions;
        directions = [.. Enumerable.Range(0, Math.Min(dimensions, 24)).Select(_ => Gaussian(dimensions))];
        centres = [.. Enumerable.Range(0, clusters).Select(_ => Mix(2f))];
    }

    public int Dimensions { get; }

    public int Clusters => centres.Length;

    public float[] Next() => Next(random.Next(centres.Length));

    public float[] Next(int cluster)
    {
        float[] vector = Mix(1f);
        for (int i = 0; i < vector.Length; i++)
            vector[i] += centres[cluster][i];
        return vector;
    }

    public float[][] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    private float[] Mix(float spread)
    {
        float[] vector = new float[Dimensions];
        for (int d = 0; d < directions.Length; d++)
        {
            float weight = spread * Normal() / (1 + (d * 0.2f));
            for (int i = 0; i < vector.Length; i++)
                vector[i] += weight * directions[d][i];
        }

        return vector;
    }

    private float[] Gaussian(int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => Normal() / MathF.Sqrt(dimensions))];

    private float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
