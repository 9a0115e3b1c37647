using System.Text.Json;

namespace RecSys.Server.Bodies;

/// <summary>
/// Writes computed numbers. JSON has neither NaN nor infinities: the first is written as 0, the others as the largest number of their sign, so that one
/// invalid number does not make the answer invalid.
/// </summary>
internal static class JsonNumbers
{
    /// <summary>Writes a number.</summary>
    public static void WriteFinite(this Utf8JsonWriter json, ReadOnlySpan<byte> name, double value) => json.WriteNumber(name, Finite(value));

    /// <summary>Writes a number.</summary>
    public static void WriteFinite(this Utf8JsonWriter json, ReadOnlySpan<byte> name, float value) => json.WriteNumber(name, Finite(value));

    /// <summary>Writes a number.</summary>
    public static void WriteFinite(this Utf8JsonWriter json, string name, float value) => json.WriteNumber(name, Finite(value));

    private static double Finite(double value) =>
        double.IsFinite(value) ? value : double.IsNaN(value) ? 0 : double.CopySign(double.MaxValue, value);

    private static float Finite(float value) =>
        float.IsFinite(value) ? value : float.IsNaN(value) ? 0 : float.CopySign(float.MaxValue, value);
}
