namespace RecSys.Server.Settings;

/// <summary>An options object that <c>GET /v1/admin/settings</c> includes.</summary>
/// <param name="Section">The section's path in appsettings.json.</param>
/// <param name="Get">Returns the object.</param>
internal sealed record ReportedOptions(string Section, Func<object> Get);
