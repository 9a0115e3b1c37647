namespace RecSys.Speed.Ingest;

/// <summary>Thrown when an ingest actor cannot continue: its supervisor restarts it from the saved checkpoint.</summary>
internal sealed class IngestFaultException(string message, Exception? innerException = null) : Exception(message, innerException);
