using RecSys.Client;
using RecSys.Server.Problems;

namespace RecSys.Server.Edge;

/// <summary>The checked parameters of a query.</summary>
internal sealed class QueryValues
{
    /// <summary>The largest number of parameters of one target.</summary>
    public const int CountMax = 1_024;

    /// <summary>No parameters.</summary>
    public static readonly QueryValues Empty = new([]);

    private readonly List<(string Name, string Value)> _values;

    private QueryValues(List<(string Name, string Value)> values) => _values = values;

    /// <summary>Reads and checks a query.</summary>
    /// <param name="query">The text after the question mark, as sent.</param>
    /// <param name="known">The parameters that the route has.</param>
    /// <param name="values">The parameters given.</param>
    /// <returns>The problem, or null.</returns>
    public static Problem? TryRead(ReadOnlySpan<char> query, IReadOnlyList<Parameter> known, out QueryValues values)
    {
        values = Empty;
        if (query.IsEmpty)
        {
            return null;
        }

        List<(string Name, string Value)> read = [];
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> pair = query[range];
            if (pair.IsEmpty)
            {
                continue;
            }

            int equals = pair.IndexOf('=');
            ReadOnlySpan<char> rawName = equals < 0 ? pair : pair[..equals];
            if (PercentText.TryDecode(rawName, isQuery: true, out string name) is { } badName)
            {
                return Problem.OfParameter("query", $"a parameter's name {badName}");
            }

            Parameter? parameter = Find(known, name);
            if (parameter is null)
            {
                return Unknown(name, known);
            }

            if (PercentText.TryDecode(equals < 0 ? [] : pair[(equals + 1)..], isQuery: true, out string value) is { } badValue)
            {
                return Problem.OfParameter(name, badValue);
            }

            if (parameter.Check(value) is { } problem)
            {
                return Problem.OfParameter(name, problem);
            }

            if (!parameter.IsRepeated && read.Exists(other => other.Name == name))
            {
                return Problem.OfParameter(name, "is given more than once");
            }

            if (read.Count == CountMax)
            {
                return Problem.OfParameter("query", $"has more than {CountMax} parameters");
            }

            read.Add((name, value));
        }

        values = new QueryValues(read);
        return null;
    }

    /// <summary>Returns the value of a parameter that is given once, or null.</summary>
    public string? Of(Parameter parameter)
    {
        foreach ((string name, string value) in _values)
        {
            if (name == parameter.Name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Returns all values of a parameter, in the order given.</summary>
    public IEnumerable<string> AllOf(Parameter parameter) =>
        _values.Where(pair => pair.Name == parameter.Name).Select(pair => pair.Value);

    /// <summary>Returns the values of a parameter with a name prefix: the rest of each name, and its value.</summary>
    public IEnumerable<(string Name, string Value)> AllUnder(Parameter prefix) =>
        _values.Where(pair => pair.Name.StartsWith(prefix.Name, StringComparison.Ordinal))
            .Select(pair => (pair.Name[prefix.Name.Length..], pair.Value));

    private static Parameter? Find(IReadOnlyList<Parameter> known, string name)
    {
        foreach (Parameter parameter in known)
        {
            bool isPrefix = parameter.Name.EndsWith('.');
            if (isPrefix ? name.Length > parameter.Name.Length && name.StartsWith(parameter.Name, StringComparison.Ordinal) : name == parameter.Name)
            {
                return parameter;
            }
        }

        return null;
    }

    private static Problem Unknown(string name, IReadOnlyList<Parameter> known) => Problem.OfField(new FieldProblem(
        name,
        known.Count == 0
            ? "is not a parameter of this target, which has none"
            : $"is not a parameter of this target, which has {string.Join(", ", known.Select(parameter => parameter.Name))}",
        ProblemCodes.UnknownParameter));
}
