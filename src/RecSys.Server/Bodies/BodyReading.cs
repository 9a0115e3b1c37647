using Microsoft.AspNetCore.Http;

namespace RecSys.Server.Bodies;

/// <summary>Reads the bytes of a request's body.</summary>
internal static class BodyReading
{
    /// <summary>Reads at least one byte, or none at the end of the body.</summary>
    /// <exception cref="BadHttpRequestException">The body is incomplete, too large, too slow, or its chunks are malformed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static async ValueTask<int> ReadAsync(HttpRequest request, Memory<byte> target, CancellationToken cancellationToken)
    {
        try
        {
            return await request.Body.ReadAsync(target, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error) when (error is not BadHttpRequestException)
        {
            // Kestrel throws this for a chunk size beyond 2^31 and for a reset connection; neither is a fault of a store or of this program.
            throw new BadHttpRequestException("the body cannot be read to its end: a chunk is too large, or the connection was closed", error);
        }
    }
}
