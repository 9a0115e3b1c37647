using System.IO.Compression;
using System.Text;
using RecSys.Cli.Import;
using Xunit;
using ZstdSharp;

namespace RecSys.Cli.Tests.Import;

public sealed class ImportFileTests
{
    private const string Rows = "itemId,title\n1,Ä\n2,B\n";

    public static TheoryData<string, byte[]> Files => new()
    {
        { "items.csv.gz", Gzip(Encoding.UTF8.GetBytes(Rows)) },
        { "items.csv.zst", Zstd(Encoding.UTF8.GetBytes(Rows)) },
        { "items.csv", Gzip(Encoding.UTF8.GetBytes(Rows)) },
        { "items.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Rows)] },
        { "items.csv", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Rows)] },
        { "items.csv", Encoding.Unicode.GetBytes(Rows) },
        { "items.csv", [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(Rows)] },
        { "items.csv.gz", Gzip([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Rows)]) },
        { "items.csv", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Rows)] },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Packed_and_encoded_files_are_read(string name, byte[] bytes) =>
        Assert.Equal(["1 Ä", "2 B"], ImportText.OfBytes(ImportKind.Items, bytes, name: name).Items.Select(item => $"{item.ItemId} {item.Title}"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_was_cut_short_is_read_to_where_it_goes_and_reported(bool isGzip)
    {
        Random random = new(1);
        byte[] rows = Encoding.UTF8.GetBytes("itemId,title\n" + string.Concat(Enumerable.Range(0, 20_000).Select(n => $"{n},{random.NextInt64()}\n")));
        byte[] packed = isGzip ? Gzip(rows) : Zstd(rows);

        ImportText text = ImportText.OfBytes(ImportKind.Items, packed[..(packed.Length / 2)], name: isGzip ? "items.csv.gz" : "items.csv.zst");

        Assert.NotNull(text.Reading.Fault);
        Assert.InRange(text.Items.Count(), 1_000, 19_000);
    }

    [Fact]
    public void Standard_input_is_refused_with_what_to_do() =>
        Assert.Contains("write the rows to a file", Assert.Throws<CommandException>(() => ImportFormat.Parts(null, ImportKind.Items, "-", new ImportOptions())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_header_that_is_not_valid_UTF_8_is_refused() =>
        Assert.Contains(
            "--encoding windows-1252",
            Assert.Throws<CommandException>(() => ImportText.OfBytes(ImportKind.Items, [.. "itemId,Gr"u8, 0xF6, 0xDF, .. "e\na,42\n"u8])).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("us-ascii", new byte[] { 0xC3, 0xA9 })]
    [InlineData("utf-16", new byte[] { 0x00, 0xD8, 0x41, 0x00 })]
    public void Bytes_that_a_named_encoding_does_not_have_are_refused_and_not_replaced(string encoding, byte[] bytes)
    {
        byte[] head = encoding == "utf-16" ? Encoding.Unicode.GetBytes("itemId,title\na,") : "itemId,title\na,"u8.ToArray();

        Assert.Contains(
            "--encoding",
            Assert.Throws<CommandException>(() => ImportText.OfBytes(ImportKind.Items, [.. head, .. bytes], new ImportOptions { Encoding = encoding })).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PK\u0003\u0004")]
    [InlineData("PAR1")]
    [InlineData("BZh91")]
    public void Files_of_other_kinds_are_named(string head) =>
        Assert.Contains("is ", Assert.Throws<CommandException>(() => ImportText.Of(ImportKind.Items, head + "xxxx")).Message, StringComparison.Ordinal);

    private static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Zstd(byte[] bytes)
    {
        using Compressor compressor = new();
        return compressor.Wrap(bytes).ToArray();
    }
}
