using System.Diagnostics.CodeAnalysis;

namespace RecSys.Numerics;

/// <summary>Throws out of line, so that the kernels that check their arguments stay small enough to inline.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void Argument(string name, string message) => throw new ArgumentException(message, name);

    [DoesNotReturn]
    public static void LengthsDiffer(string name, int actual, long expected) =>
        throw new ArgumentException($"{name} has {actual} values where {expected} are needed", name);

    [DoesNotReturn]
    public static void OutOfRange(string name, long actual, long least, long most) =>
        throw new ArgumentOutOfRangeException(name, actual, $"{name} must be between {least} and {most}");

    public static void IfLengthIsNot(int actual, long expected, string name)
    {
        if (actual != expected)
        {
            LengthsDiffer(name, actual, expected);
        }
    }

    public static void IfOutside(long actual, long least, long most, string name)
    {
        if (actual < least || actual > most)
        {
            OutOfRange(name, actual, least, most);
        }
    }
}
