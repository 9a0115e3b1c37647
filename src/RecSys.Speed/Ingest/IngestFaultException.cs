namespace RecSys.Speed.Ingest;

/// <summary>An ingest actor cannot go on: its supervisor starts it anew from the saved checkpoint.</summary>
internal sealed class IngestFaultException(string message, Exception? innerException = null) : Exception(message, innerException);
