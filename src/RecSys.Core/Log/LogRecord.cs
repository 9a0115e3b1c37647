using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>A fact of the log. All other data is a fold of the log.</summary>
public abstract record LogRecord
{
    private LogRecord()
    {
    }

    /// <summary>The kinds of records and their numbers in the stored bytes: extended only, never renumbered.</summary>
    /// <remarks>Readers of older programs stop at a new kind below <see cref="LogRecordCodec.SkippableKindMin"/>, and skip one from there on.</remarks>
    public enum Kind : byte
    {
        /// <summary>A record whose content was erased; it only keeps its offset.</summary>
        Erased = 0,

        /// <summary><see cref="LogRecord.Interaction"/>.</summary>
        Interaction = 1,

        /// <summary><see cref="LogRecord.InteractionRetracted"/>.</summary>
        InteractionRetracted = 2,

        /// <summary><see cref="LogRecord.UserChanged"/>.</summary>
        UserChanged = 3,

        /// <summary><see cref="LogRecord.UsersMerged"/>.</summary>
        UsersMerged = 4,

        /// <summary><see cref="LogRecord.PersonErased"/>.</summary>
        PersonErased = 5,

        /// <summary><see cref="LogRecord.ItemChanged"/>.</summary>
        ItemChanged = 6,

        /// <summary><see cref="LogRecord.MergeErased"/>.</summary>
        MergeErased = 7,

        /// <summary><see cref="LogRecord.UsersLinked"/>.</summary>
        UsersLinked = 8,

        /// <summary><see cref="LogRecord.ItemChanged"/> whose content has a price, currency, image, link or stock; all others keep the kind of earlier versions.</summary>
        OfferChanged = 9,
    }

    /// <summary>An interaction of a user with an item.</summary>
    /// <param name="User">Id of the user.</param>
    /// <param name="Item">The item; it need not be in the catalogue.</param>
    /// <param name="Type">Name of the type.</param>
    /// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
    public sealed record Interaction(UserId User, ItemId Item, string Type, long TimestampMs) : LogRecord
    {
        /// <summary>Gets the value: a rating, an amount or a share watched; finite.</summary>
        public double? Value { get; init; }

        /// <summary>Gets the id of the recommendation that led to the interaction.</summary>
        public string? RecommendationId { get; init; }

        /// <summary>Gets the caller's id of this interaction, so that a retry counts once in a profile.</summary>
        public string? Id { get; init; }

        /// <summary>Gets the context.</summary>
        public InteractionContext? Context { get; init; }
    }

    /// <summary>The retraction of an interaction, identified by the caller's id of it.</summary>
    public sealed record InteractionRetracted(UserId User, string Id, long TimestampMs) : LogRecord;

    /// <summary>A change of a user's labels and consent.</summary>
    /// <param name="User">Id of the user.</param>
    /// <param name="Labels">The labels: all of them (<paramref name="IsPatch"/> false), or those that change (JSON null removes one). Values are JSON texts.</param>
    /// <param name="Consent">Whether the user agrees to be profiled; null leaves it unchanged.</param>
    /// <param name="IsPatch">Whether labels that are not listed are kept.</param>
    /// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
    public sealed record UserChanged(
        UserId User, ImmutableSortedDictionary<string, string> Labels, bool? Consent, bool IsPatch, long TimestampMs) : LogRecord;

    /// <summary>The merge of a user into another: a link from the target to the merged user, which reads of the target follow.</summary>
    public sealed record UsersMerged(UserId Target, UserId From, Owner FromOwner, long TimestampMs) : LogRecord;

    /// <summary>Undoes a merge at or before <paramref name="UpTo"/>, because the merged user is erased as a person. The record belongs to the target.</summary>
    /// <param name="Target">The user that the other was merged into.</param>
    /// <param name="From">The merged user, who is erased.</param>
    /// <param name="UpTo">The position up to which the user is erased.</param>
    /// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
    public sealed record MergeErased(Owner Target, Owner From, LogPosition UpTo, long TimestampMs) : LogRecord;

    /// <summary>
    /// Replaces a <see cref="UsersMerged"/> when the merged user is erased: the same link without the ids. It keeps the place of the merge, so that the log
    /// gives the same profile of the target as before. It is only written in place, never appended.
    /// </summary>
    public sealed record UsersLinked(Owner Target, Owner From, long TimestampMs) : LogRecord;

    /// <summary>The erasure of a person: all their records at or before <paramref name="UpTo"/> are erased; later ones belong to a new person.</summary>
    public sealed record PersonErased(Owner Owner, LogPosition UpTo, long TimestampMs) : LogRecord;

    /// <summary>A change of an item of the catalogue as a whole, or its deletion.</summary>
    /// <param name="Item">Id of the item.</param>
    /// <param name="Content">The new content; null if the item is deleted.</param>
    /// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
    public sealed record ItemChanged(ItemId Item, ItemContent? Content, long TimestampMs) : LogRecord
    {
        /// <summary>Gets whether the item keeps its visibility, whatever <see cref="ItemContent.IsHidden"/> is, because the write does not set it.</summary>
        public bool KeepsHidden { get; init; }
    }
}
