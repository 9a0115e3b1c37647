namespace RecSys.Architecture.Tests;

/// <summary>A use of a type of one folder of a project in a type of another folder.</summary>
/// <param name="From">Folder of the type that names the other.</param>
/// <param name="To">Folder of the type that is named.</param>
/// <param name="User">Type that names the other.</param>
/// <param name="Used">Type that is named.</param>
internal sealed record FolderUse(string From, string To, string User, string Used);
