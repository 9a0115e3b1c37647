namespace RecSys.Numerics.Tests;

/// <summary>
/// The instruction tiers. Those that the processor lacks run in software with the same bits, so every test runs
/// every tier everywhere; the processor's own tiers are switched off and on by <see cref="DeterminismTests"/>.
/// </summary>
public enum Tier
{
    Vector128,
    Vector256,
    Vector512,
}
