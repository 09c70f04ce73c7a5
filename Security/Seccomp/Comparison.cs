namespace ClawOS.Security.Seccomp;

/// <summary>How an argument is compared, always as 64 bits without sign. Named SCMP_CMP_* in a profile.</summary>
public enum Comparison
{
    /// <summary>SCMP_CMP_NE.</summary>
    NotEqual,

    /// <summary>SCMP_CMP_LT.</summary>
    Less,

    /// <summary>SCMP_CMP_LE.</summary>
    LessOrEqual,

    /// <summary>SCMP_CMP_EQ.</summary>
    Equal,

    /// <summary>SCMP_CMP_GE.</summary>
    GreaterOrEqual,

    /// <summary>SCMP_CMP_GT.</summary>
    Greater,

    /// <summary>SCMP_CMP_MASKED_EQ: the argument's bits under the mask "value" are "valueTwo".</summary>
    MaskedEqual,
}
