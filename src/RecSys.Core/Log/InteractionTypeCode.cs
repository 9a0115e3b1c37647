using System.Collections.Immutable;
using System.Text;

namespace RecSys.Core.Log;

/// <summary>One-byte codes of the built-in types of interactions in stored records. The numbers never change.</summary>
internal static class InteractionTypeCode
{
    /// <summary>The code of a type whose name follows as text.</summary>
    public const byte Spelled = 0;

    private static readonly ImmutableArray<string> Names =
        ["", "view", "click", "like", "dislike", "addToCart", "purchase", "rating", "hide"];

    /// <summary>Gets the number after the largest code.</summary>
    public static int Count => Names.Length;

    /// <summary>Returns the code of a name, or <see cref="Spelled"/>.</summary>
    public static byte Of(string name)
    {
        for (int code = 1; code < Names.Length; code++)
        {
            if (string.Equals(Names[code], name, StringComparison.Ordinal))
            {
                return (byte)code;
            }
        }

        return Spelled;
    }

    /// <summary>
    /// Returns whether an interaction of a type may keep its item out of slates permanently: liked, disliked, bought, rated or hidden. Profiles do not depend on the configuration
    /// of the other types, so all of them may, except <c>removeFromCart</c>.
    /// </summary>
    public static bool MayKeepOut(byte code, ReadOnlySpan<byte> spelled) =>
        code == Spelled ? !spelled.SequenceEqual("removeFromCart"u8) : Names[code] is not ("view" or "click" or "addToCart");

    /// <summary>Returns the name of a code, or the text after <see cref="Spelled"/>.</summary>
    public static string NameOf(byte code, ReadOnlySpan<byte> spelled) => code == Spelled ? Encoding.UTF8.GetString(spelled) : Names[code];
}
