using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Slates;
using RecSys.Server.Edge;

namespace RecSys.Server.Endpoints;

/// <summary>Parameters that several targets have.</summary>
internal static class Parameters
{
    /// <summary>Number of items of a slate.</summary>
    public static readonly WholeParameter Count = new("count", "The number of items.", 1, Limits.SlateMax, 10);

    /// <summary>Category that items must have.</summary>
    public static readonly TextParameter Category =
        new("category", "The category that items must have.", SlateRequest.NameLengthMax);

    /// <summary>Position that the answer must reflect.</summary>
    public static readonly PositionParameter After =
        new("after", "A position from the answer to a write: the read waits for this position within its deadline, and the answer reports whether it reflects the position. A position beyond the end of the log, as after the restore of an older backup, is not waited for where one node has the log.");

    /// <summary>Place where the slate is shown.</summary>
    public static readonly TextParameter Scenario =
        new("scenario", "Where the slate is shown, such as home; lookAgain: items that the user has seen and that may be shown again.", SlateRequest.NameLengthMax);

    /// <summary>Items that the slate must not show.</summary>
    public static readonly IdParameter Exclude =
        new("exclude", "An item that the slate must not show; may be given up to 1,000 times.") { IsRepeated = true };

    /// <summary>Rule for items that the user has seen.</summary>
    public static readonly ChoiceParameter Seen = new(
        "seen",
        "How items with which the user has interacted, in any way except dislike and hide, are treated: exclude, demote (a lower score, and a limited share of the places) or allow. If it is absent, the rule of each interaction type applies.",
        [.. SeenRuleNames.All],
        null);

    /// <summary>Weight of variety.</summary>
    public static readonly NumberParameter Diversity = new("diversity", "The weight of variety against score; 0 is score only.", 0, 1);

    /// <summary>Cursor of the requested page.</summary>
    public static readonly TextParameter Next =
        new("next", "The value of next from the preceding page; items of earlier pages are not repeated.", SlateCursor.TextLengthMax);

    /// <summary>Location of the user.</summary>
    public static readonly TextParameter Location = new("context.location", "The user's location, in your own words.", Limits.TextBytesMax);

    /// <summary>Device of the user.</summary>
    public static readonly TextParameter Device = new("context.device", "The user's device, in your own words.", Limits.TextBytesMax);

    /// <summary>Local time of the user.</summary>
    public static readonly TimeParameter Time = new("context.time", "The user's local time.");

    /// <summary>Numbers of the session.</summary>
    public static readonly NumberParameter SessionFeatures =
        new("context.sessionFeatures.", "A number about the session; its name follows the last dot.", double.MinValue, double.MaxValue);

    /// <summary>All parameters of a slate except the page.</summary>
    public static readonly Parameter[] Slate =
        [Count, Category, Scenario, Exclude, Seen, Diversity, Location, Device, Time, SessionFeatures, After];

    /// <summary>Returns the context in a query, or null if there is none.</summary>
    public static InteractionContext? ContextOf(QueryValues query)
    {
        InteractionContext context = new()
        {
            Location = query.Of(Location),
            Device = query.Of(Device),
            Time = query.Of(Time),
        };
        foreach ((string name, string value) in query.AllUnder(SessionFeatures))
        {
            context = context with { SessionFeatures = context.SessionFeatures.SetItem(name, NumberParameter.Read(value)!.Value) };
        }

        bool hasAny = context.Location is not null || context.Device is not null || context.Time is not null || !context.SessionFeatures.IsEmpty;
        return hasAny ? context : null;
    }
}
