using System.Globalization;
using System.Net;
using System.Text;

namespace RecSys.Cli.Commands;

/// <summary>Writes an evaluation as one HTML page with charts: no scripts, nothing from the network, light and dark.</summary>
internal static class EvaluationPage
{
    private const int Width = 700;
    private const int LabelWidth = 150;
    private const int BarHeight = 16;
    private const int GroupGap = 14;
    private const int ValueWidth = 60;

    private const string Style =
        """
        :root{color-scheme:light dark;--text:#1c2430;--dim:#5b6675;--line:#d8dee6;--back:#fff;--c0:#2463c9;--c1:#7fa6e8;--c2:#1f8a5b;--c3:#b0792a}
        @media(prefers-color-scheme:dark){:root{--text:#e8ecf2;--dim:#a0abba;--line:#38424f;--back:#141a22;--c0:#6ba1ff;--c1:#3d63a3;--c2:#4cc38a;--c3:#e0a94f}}
        body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:46rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}ul{color:var(--dim);padding-left:1.2rem}
        svg{width:100%;height:auto}svg text{fill:var(--text);font:12px system-ui,sans-serif}svg .dim{fill:var(--dim)}
        .c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.whisker{stroke:var(--text);stroke-width:1.5}.axis{stroke:var(--line)}
        .legend span{margin-right:1.2rem;white-space:nowrap}.legend i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.35rem}
        .legend .c0{background:var(--c0)}.legend .c1{background:var(--c1)}.legend .c2{background:var(--c2)}.legend .c3{background:var(--c3)}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{text-align:right;padding:.25rem .6rem;border-bottom:1px solid var(--line);white-space:nowrap}th:first-child,td:first-child{text-align:left}th{color:var(--dim);font-weight:600}
        """;

    /// <summary>Returns the page.</summary>
    /// <param name="message">Message of the evaluation: notes about the protocol, separated by semicolons.</param>
    /// <param name="figures">The figures by the names of <see cref="Batch.Evaluation.EvaluationFigures"/>.</param>
    public static string Of(string message, IReadOnlyDictionary<string, double> figures)
    {
        StringBuilder page = new();
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Evaluation</title><style>")
            .Append(Style).Append("</style></head><body>\n<h1>Evaluation of the served slates</h1>\n<ul>");
        foreach (string part in message.Split("; "))
        {
            page.Append("<li>").Append(Html(part)).Append("</li>");
        }

        page.Append("</ul>\n");
        string[] judged = [.. EvaluationTables.JudgedIn(figures)];
        if (judged.Length > 0)
        {
            string[] metrics = [.. EvaluationTables.MetricsOf(figures, judged[0])];
            string[] bounded = [.. metrics.Where(metric => !metric.StartsWith("novelty", StringComparison.Ordinal))];
            Legend(page, judged);
            page.Append("<h2>All relevant items</h2>\n");
            Bars(page, judged, bounded, (name, metric) => $"{name}.{metric}", figures);
            if (figures.GetValueOrDefault("questions.new") > 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"<h2>Only items that the user had not touched ({figures["questions.new"]:N0} questions)</h2>\n");
                Bars(page, judged, [.. metrics.Where(metric => figures.ContainsKey($"{judged[0]}.new.{metric}"))], (name, metric) => $"{name}.new.{metric}", figures);
            }

            string headline = EvaluationTables.HeadlineOf(metrics);
            string[] slices = [.. EvaluationTables.SlicesOf(figures)];
            page.Append("<h2>").Append(Html(headline)).Append(" by the number of the user's interactions before the question</h2>\n");
            Bars(
                page,
                judged,
                slices,
                (name, slice) => $"{name}.{slice}.{headline}",
                figures,
                slice => $"{EvaluationTables.LabelOf(slice)} ({Terminal.Number((long)figures[$"questions.{slice}"])})");
            page.Append("<h2>The first ten places</h2>\n");
            Table(
                page,
                ["", .. judged],
                EvaluationTables.Lists.Where(list => judged.Any(name => figures.ContainsKey($"{name}.{list.Name}")))
                    .Select(list => (string[])[list.Label, .. judged.Select(name => Value(figures, $"{name}.{list.Name}"))]));
            page.Append("<h2>All figures with 95 % intervals</h2>\n");
            Table(
                page,
                ["", .. judged],
                metrics.Concat(metrics.Where(metric => figures.ContainsKey($"{judged[0]}.new.{metric}")).Select(metric => "new." + metric))
                    .Select(metric => (string[])[metric.Replace("new.", "new ", StringComparison.Ordinal), .. judged.Select(name => WithInterval(figures, $"{name}.{metric}"))]));
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void Legend(StringBuilder page, string[] judged)
    {
        page.Append("<p class=\"legend\">");
        foreach (string name in judged)
        {
            page.Append("<span><i class=\"").Append(ClassOf(name)).Append("\"></i>").Append(name).Append("</span>");
        }

        page.Append("</p>\n");
    }

    // One group of horizontal bars per row, all on one scale; whiskers are the intervals.
    private static void Bars(
        StringBuilder page, string[] judged, string[] rows, Func<string, string, string> nameOf, IReadOnlyDictionary<string, double> figures, Func<string, string>? labelOf = null)
    {
        double most = 1e-9;
        foreach (string row in rows)
        {
            foreach (string name in judged)
            {
                most = Math.Max(most, figures.GetValueOrDefault(nameOf(name, row) + ".high", figures.GetValueOrDefault(nameOf(name, row))));
            }
        }

        int groupHeight = (judged.Length * BarHeight) + GroupGap;
        double scale = (Width - LabelWidth - ValueWidth) / most;
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {rows.Length * groupHeight}\" role=\"img\">\n");
        for (int row = 0; row < rows.Length; row++)
        {
            int top = (row * groupHeight) + (GroupGap / 2);
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{top + (judged.Length * BarHeight / 2) + 4}\">{Html(labelOf?.Invoke(rows[row]) ?? rows[row])}</text>");
            page.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{LabelWidth}\" x2=\"{LabelWidth}\" y1=\"{top}\" y2=\"{top + (judged.Length * BarHeight)}\"/>\n");
            for (int bar = 0; bar < judged.Length; bar++)
            {
                string name = nameOf(judged[bar], rows[row]);
                if (!figures.TryGetValue(name, out double value))
                {
                    continue;
                }

                int y = top + (bar * BarHeight);
                double end = LabelWidth + (value * scale);
                page.Append(CultureInfo.InvariantCulture, $"<rect class=\"{ClassOf(judged[bar])}\" x=\"{LabelWidth}\" y=\"{y + 1}\" width=\"{end - LabelWidth:0.#}\" height=\"{BarHeight - 3}\" rx=\"2\"><title>{judged[bar]} {value:F4}</title></rect>");
                if (figures.TryGetValue(name + ".low", out double low) && figures.TryGetValue(name + ".high", out double high))
                {
                    double middle = y + (BarHeight / 2.0);
                    page.Append(CultureInfo.InvariantCulture, $"<line class=\"whisker\" x1=\"{LabelWidth + (low * scale):0.#}\" x2=\"{LabelWidth + (high * scale):0.#}\" y1=\"{middle:0.#}\" y2=\"{middle:0.#}\"/>");
                    end = Math.Max(end, LabelWidth + (high * scale));
                }

                page.Append(CultureInfo.InvariantCulture, $"<text class=\"dim\" x=\"{end + 5:0.#}\" y=\"{y + BarHeight - 4}\">{value:F4}</text>\n");
            }
        }

        page.Append("</svg>\n");
    }

    private static void Table(StringBuilder page, string[] header, IEnumerable<string[]> rows)
    {
        page.Append("<div class=\"wide\"><table><tr>");
        foreach (string cell in header)
        {
            page.Append("<th>").Append(Html(cell)).Append("</th>");
        }

        page.Append("</tr>\n");
        foreach (string[] row in rows)
        {
            page.Append("<tr>");
            foreach (string cell in row)
            {
                page.Append("<td>").Append(Html(cell)).Append("</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static string Value(IReadOnlyDictionary<string, double> figures, string name) =>
        figures.TryGetValue(name, out double value) ? Terminal.Number(value, 4) : "";

    private static string WithInterval(IReadOnlyDictionary<string, double> figures, string name) =>
        figures.TryGetValue(name + ".low", out double low) && figures.TryGetValue(name + ".high", out double high)
            ? $"{Value(figures, name)} ({Terminal.Number(low, 3)}-{Terminal.Number(high, 3)})"
            : Value(figures, name);

    private static string ClassOf(string judged) => judged switch
    {
        Batch.Evaluation.EvaluationFigures.Slates => "c0",
        Batch.Evaluation.EvaluationFigures.Frozen => "c1",
        Batch.Evaluation.EvaluationFigures.Model => "c2",
        _ => "c3",
    };

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
