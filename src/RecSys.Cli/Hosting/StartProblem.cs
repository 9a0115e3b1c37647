using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using RecSys.Core.Ports;
using RecSys.Server;

namespace RecSys.Cli.Hosting;

/// <summary>Returns one line for each failure of a start that the user can correct.</summary>
internal static class StartProblem
{
    /// <summary>Returns the line and the exit code of a failure, or null if it is a fault of the program or a <see cref="CommandException"/> already.</summary>
    public static CommandException? Of(Exception error, DataFolder folder) => error switch
    {
        CommandException => null, // it has a line already
        StateAheadOfLogException => new CommandException($"{error.Message}; {Installation.RebuildAdvice(folder.Path)}"),
        OptionsValidationException options => new CommandException(string.Join("; ", options.Failures), ExitCodes.WrongUsage),
        IOException { InnerException: AddressInUseException } address =>
            new CommandException($"{address.Message.TrimEnd('.')}; set another address with --urls"),
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            new CommandException("this user may not listen at that port: ports below 1024 require a privilege; set another port with --urls"),
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            new CommandException("this machine does not have the address to listen at; set one of its addresses with --urls"),
        SocketException socket => new CommandException($"the server cannot listen: {socket.Message}; set another address with --urls"),
        InvalidOperationException when error.Message.StartsWith("Unable to configure HTTPS endpoint", StringComparison.Ordinal) => new CommandException(
            "https needs a certificate: set Kestrel:Certificates:Default:Path and :Password, or use http behind a proxy", ExitCodes.WrongUsage),
        InvalidDataException or FormatException when SettingsProblem(error) is { } broken => new CommandException(broken, ExitCodes.WrongUsage),
        TimeoutException when error.Message.StartsWith("this node is not up in its cluster", StringComparison.Ordinal) => new CommandException(error.Message),
        UnguardedAddressException or StoreUnavailableException or NotSupportedException or InvalidDataException => new CommandException(error.Message),
        _ => null,
    };

    /// <summary>Returns a line that describes the error in a settings file, and its place if that is known; null if no cause is a <see cref="JsonException"/> or a <see cref="FormatException"/>.</summary>
    internal static string? SettingsProblem(Exception error)
    {
        JsonException? json = null;
        FormatException? format = null;
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            json ??= cause as JsonException;
            format ??= cause as FormatException;
        }

        if (json is null && format is null)
        {
            return null;
        }

        string file = error.Message.Split('\'') is [_, { Length: > 0 } path, ..] ? path : "appsettings.json";
        return json is { LineNumber: { } line }
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{file}: line {line + 1}, byte {json.BytePositionInLine + 1}: is not valid JSON: {OneLine(json.Message.Split(" LineNumber:")[0])}")
            : $"{file}: {OneLine((format ?? error).Message)}";
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}
