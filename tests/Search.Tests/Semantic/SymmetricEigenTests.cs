using ClawFS.Search.Semantic;

namespace ClawFS.Search.Tests.Semantic;

public sealed class SymmetricEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(60)]
    public void Vectors_are_orthonormal_and_give_the_matrix_back(int n)
    {
        Random random = Seed.Random();
        double[] matrix = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k <= i; k++)
                matrix[(i * n) + k] = matrix[(k * n) + i] = (random.NextDouble() * 10) - 5;
        }

        double[] rows = [.. matrix];
        double[] values = SymmetricEigen.Solve(rows, n);
        Assert.Equal(values.OrderDescending(), values);
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
            {
                double product = 0, rebuilt = 0;
                for (int j = 0; j < n; j++)
                {
                    product += rows[(i * n) + j] * rows[(k * n) + j];
                    rebuilt += values[j] * rows[(j * n) + i] * rows[(j * n) + k];
                }

                Assert.Equal(i == k ? 1 : 0, product, 1e-9);
                Assert.Equal(matrix[(i * n) + k], rebuilt, 1e-8);
            }
        }
    }

    [Fact]
    public void Equal_and_zero_eigenvalues_are_no_trouble()
    {
        double[] identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        Assert.Equal([1, 1, 1], SymmetricEigen.Solve(identity, 3));
        double[] nothing = new double[16];
        Assert.Equal([0, 0, 0, 0], SymmetricEigen.Solve(nothing, 4));
        double[] ones = [.. Enumerable.Repeat(1.0, 25)];
        Assert.Equal(5, SymmetricEigen.Solve(ones, 5)[0], 1e-9);
    }
}
