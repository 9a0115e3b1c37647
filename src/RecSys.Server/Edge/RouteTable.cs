using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace RecSys.Server.Edge;

/// <summary>All routes, found by the target as it was sent.</summary>
/// <remarks>
/// The framework matches a decoded path, in which the ids <c>a/b</c>, <c>a%2Fb</c> and <c>x:merge</c> can no longer be
/// distinguished from a target's own slashes and verbs. Here a target is split at its literal slashes and verbs first, and then decoded once.
/// </remarks>
internal sealed class RouteTable
{
    private readonly Node _root = new();

    /// <summary>Adds a route.</summary>
    /// <exception cref="ArgumentException">The same method of the same target was added before.</exception>
    public void Add(Route route, Endpoint endpoint)
    {
        Node node = _root;
        string[] segments = route.Template[1..].Split('/');
        foreach (string segment in segments)
        {
            node = node.GetOrAdd(segment);
        }

        if (node.Find(route.Method) is not null)
        {
            throw new ArgumentException($"{route.Method} {route.Template} is added twice", nameof(route));
        }

        node.IdNames = [.. segments.Where(segment => segment[0] == '{').Select(segment => segment[1..segment.IndexOf('}')])];
        node.Methods.Add(new Match(route, endpoint));
    }

    /// <summary>Finds the target.</summary>
    /// <param name="path">The path as it was sent, from its first slash, without the query.</param>
    /// <param name="ids">The ids in it, as they were sent, in their order.</param>
    /// <param name="target">Receives the node of the path, with the endpoints of its methods.</param>
    public bool TryFind(ReadOnlySpan<char> path, ref RawIds ids, [NotNullWhen(true)] out Node? target)
    {
        target = null;
        if (path.IsEmpty || path[0] != '/')
        {
            return false;
        }

        Node? node = _root;
        int start = 1;
        while (node is not null)
        {
            int slash = path[start..].IndexOf('/');
            int end = slash < 0 ? path.Length : start + slash;
            node = node.Next(path[start..end], start, ref ids);
            if (slash < 0)
            {
                break;
            }

            start = end + 1;
        }

        target = node is { Methods.Count: > 0 } ? node : null;
        return target is not null;
    }

    /// <summary>A route, with its template for telemetry.</summary>
    public sealed record Match(Route Route, Endpoint Endpoint);

    /// <summary>A node in the tree of targets.</summary>
    public sealed class Node
    {
        private readonly Dictionary<string, Node> _literals = new(StringComparer.Ordinal);
        private readonly List<(string Verb, Node Node)> _verbs = [];
        private Node? _parameter;

        /// <summary>Gets the methods that the target has.</summary>
        public List<Match> Methods { get; } = [];

        /// <summary>Gets or sets the names of the target's ids, in the order of the path.</summary>
        public string[] IdNames { get; set; } = [];

        /// <summary>Gets the methods in the format of the header Allow.</summary>
        public string Allow =>
            string.Join(", ", Methods.SelectMany(match => match.Route.Method == "GET" ? ["GET", "HEAD"] : new[] { match.Route.Method }).Order(StringComparer.Ordinal));

        /// <summary>Returns the route of a method of the target; HEAD is treated as GET.</summary>
        public Match? Find(string method)
        {
            foreach (Match match in Methods)
            {
                if (match.Route.Method == method || (match.Route.Method == "GET" && method == "HEAD"))
                {
                    return match;
                }
            }

            return null;
        }

        internal Node GetOrAdd(string segment)
        {
            if (!segment.StartsWith('{'))
            {
                return _literals.TryGetValue(segment, out Node? literal) ? literal : _literals[segment] = new Node();
            }

            int colon = segment.IndexOf(':');
            if (colon < 0)
            {
                return _parameter ??= new Node();
            }

            string verb = segment[colon..];
            Node? found = _verbs.Find(pair => pair.Verb == verb).Node;
            if (found is null)
            {
                found = new Node();
                _verbs.Add((verb, found));
            }

            return found;
        }

        internal Node? Next(ReadOnlySpan<char> segment, int start, ref RawIds ids)
        {
            if (_literals.Count > 0 && _literals.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(segment, out Node? literal))
            {
                return literal;
            }

            foreach ((string verb, Node node) in _verbs)
            {
                if (segment.EndsWith(verb, StringComparison.Ordinal))
                {
                    ids.Add(start, segment.Length - verb.Length);
                    return node;
                }
            }

            if (_parameter is not null)
            {
                ids.Add(start, segment.Length);
            }

            return _parameter;
        }
    }
}

/// <summary>The places of the ids in a target; a target has at most two.</summary>
internal struct RawIds
{
    /// <summary>Gets the number of ids.</summary>
    public int Count { get; private set; }

    private (int Start, int Length) _first;
    private (int Start, int Length) _second;

    /// <summary>Adds the place of an id.</summary>
    public void Add(int start, int length)
    {
        if (Count == 0)
        {
            _first = (start, length);
        }
        else
        {
            _second = (start, length);
        }

        Count++;
    }

    /// <summary>Returns the part of the path that is an id.</summary>
    public readonly ReadOnlySpan<char> Cut(ReadOnlySpan<char> path, int index)
    {
        (int start, int length) = index == 0 ? _first : _second;
        return path.Slice(start, length);
    }
}
