using System.Reflection;

namespace RecSys.Core.Diagnostics;

/// <summary>The program's version.</summary>
public static class ProductVersion
{
    /// <summary>Gets the version of the build, without the commit.</summary>
    public static readonly string Text =
        (Assembly.GetEntryAssembly() ?? typeof(ProductVersion).Assembly)
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
