using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using RecSys.Server.Problems;

namespace RecSys.Server.Pages;

/// <summary>The pages that are embedded in the program, with a content security policy that only allows requests to this host.</summary>
internal sealed partial class EmbeddedPages
{
    /// <summary>Allows scripts, styles and data of this host only, none of them inline.</summary>
    public const string ContentSecurityPolicy = $"{Policy}; img-src 'self' data:";

    /// <summary>Allows the same, and pictures of items from any host by https; for the page that shows items.</summary>
    public const string ItemsContentSecurityPolicy = $"{Policy}; img-src 'self' data: https:";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Root = "wwwroot/";
    private const string Index = "index.html";

    private const string BareIndex = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>RecSys</title>
        <h1>RecSys</h1>
        <p>The server runs. <a href="/openapi/v1.json">The API's description</a>, <a href="/health/ready">health</a>, <a href="/metrics">metrics</a>.</p>
        </html>
        """;

    private static readonly FrozenDictionary<string, string> MediaTypes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".mjs"] = "text/javascript; charset=utf-8",
        [".json"] = "application/json",
        [".webmanifest"] = "application/manifest+json",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".ico"] = "image/x-icon",
        [".woff2"] = "font/woff2",
        [".txt"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, Page> _pages;

    /// <summary>Reads the pages embedded in an assembly.</summary>
    public EmbeddedPages(Assembly assembly)
    {
        Dictionary<string, Page> pages = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Root, StringComparison.Ordinal))
            .ToDictionary(name => "/" + name[Root.Length..], name => Page.Read(assembly, name), StringComparer.Ordinal);
        foreach ((string path, Page page) in pages.Where(pair => pair.Key.EndsWith("/" + Index, StringComparison.Ordinal)).ToArray())
        {
            pages[path] = pages[path[..^Index.Length]] = page with { Policy = ItemsContentSecurityPolicy };
        }

        pages.TryAdd("/", new Page(Encoding.UTF8.GetBytes(BareIndex), MediaTypes[".html"]));
        _pages = pages.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Finds a page by its path.</summary>
    /// <returns>The page, or null.</returns>
    public Page? Find(PathString path) => _pages.GetValueOrDefault(path.Value ?? "/");

    /// <summary>One file of the pages.</summary>
    internal sealed partial record Page(byte[] Bytes, string MediaType)
    {
        /// <summary>Gets the policy that the browser keeps to.</summary>
        public string Policy { get; init; } = ContentSecurityPolicy;

        private string Tag { get; } = $"\"{Convert.ToHexStringLower(SHA256.HashData(Bytes))[..32]}\"";

        /// <summary>Reads an embedded file.</summary>
        public static Page Read(Assembly assembly, string name)
        {
            using Stream stream = assembly.GetManifestResourceStream(name)
                ?? throw new InvalidOperationException($"the resource {name} is listed but missing");
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return new Page(
                Path.GetExtension(name) == ".js" ? Encoding.UTF8.GetBytes(Comments().Replace(Encoding.UTF8.GetString(bytes), "")) : bytes,
                MediaTypes.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream"));
        }

        // Lines that only have a comment are for readers of the source, and are not sent.
        [GeneratedRegex(@"^[ ]*(//[^\n]*|/\*\*[^*]*\*/)\n", RegexOptions.Multiline)]
        private static partial Regex Comments();

        /// <summary>Answers with the page, or with 304 if the caller has it.</summary>
        public async Task<Problem?> AnswerAsync(HttpContext context)
        {
            if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            {
                return Problem.MethodNotAllowed("GET, HEAD");
            }

            HttpResponse response = context.Response;
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers["Referrer-Policy"] = "no-referrer";
            response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
            response.Headers.CacheControl = "no-cache";
            response.Headers.ETag = Tag;
            if (context.Request.Headers.IfNoneMatch.Contains(Tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return null;
            }

            response.ContentType = MediaType;
            response.ContentLength = Bytes.Length;
            await response.Body.WriteAsync(Bytes, context.RequestAborted).ConfigureAwait(false);
            return null;
        }
    }
}
