using Akka.Actor;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed.Users;

/// <summary>The profile of an erased person: erased once the user's actor has applied the erasure and its tombstone is saved.</summary>
internal sealed class ProfilePlace(SpeedLayer layer, SpeedOptions options) : IErasable
{
    public string Place => "profiles";

    public bool IsShared => true;

    public async ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        try
        {
            object answer = await layer.Region
                .Ask<object>(new UserQueries.AwaitErased(owner, upTo), options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            return answer is UserReplies.Erased
                ? 1
                : throw new StoreUnavailableException($"the profile cannot be erased now: {(answer as UserReplies.Unavailable)?.Reason}");
        }
        catch (AskTimeoutException e)
        {
            throw new StoreUnavailableException("the user's actor has not applied the erasure yet", e);
        }
    }
}
