using RecSys.Core;

namespace RecSys.Speed.Users;

/// <summary>A message to a user's actor on any node; <see cref="Core.Ingestion.Take"/> is one too.</summary>
internal interface IUserMessage
{
    Owner Owner { get; }
}
