using RecSys.Core;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Impressions;

/// <summary>A slate that is queued to be written.</summary>
internal sealed class PendingImpression(Owner? owner, byte[] encoded) : IQueued
{
    public Owner? Owner => owner;

    public byte[] Encoded => encoded;

    public int Records => 1;

    public long Bytes => encoded.Length;
}
