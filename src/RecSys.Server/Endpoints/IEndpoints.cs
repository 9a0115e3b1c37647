using RecSys.Server.Edge;

namespace RecSys.Server.Endpoints;

/// <summary>Routes that belong together.</summary>
internal interface IEndpoints
{
    /// <summary>Gets the routes.</summary>
    IEnumerable<Route> Routes { get; }
}

/// <summary>The groups in which the API's description shows the routes.</summary>
internal static class Tags
{
    public const string Interactions = "Interactions";
    public const string Users = "Users";
    public const string Items = "Items";
    public const string Recommendations = "Recommendations";
    public const string Operations = "Operations";
}
