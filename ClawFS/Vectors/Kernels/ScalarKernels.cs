namespace ClawFS.Vectors.Kernels;

/// <summary>Kernels for any processor, and what the others are tested against.</summary>
internal static unsafe class ScalarKernels
{
    /// <summary>Inner product of two rows of floats.</summary>
    public static float Dot(float* a, float* b, int length)
    {
        float sum = 0;
        for (int i = 0; i < length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Squared Euclidean distance of two rows of floats.</summary>
    public static float L2(float* a, float* b, int length)
    {
        float sum = 0;
        for (int i = 0; i < length; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    /// <summary>Inner product of two rows of codes.</summary>
    public static int Dot(sbyte* a, sbyte* b, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Squared Euclidean distance of two rows of codes.</summary>
    public static int L2(sbyte* a, sbyte* b, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }
}
