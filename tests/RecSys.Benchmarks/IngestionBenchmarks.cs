using System.Buffers;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Benchmarks;

/// <summary>Measures the ingest machine per record, from the read chunk to the hint that it is saved, compared with plain grouping by user.</summary>
[MemoryDiagnoser]
public class IngestMachineBenchmarks
{
    private const int Chunk = 2_000;
    private const int UnsavedUsers = 60_000;

    private readonly Queue<Take> _unsaved = new();
    private readonly List<Take> _takes = [];
    private LogEntry[] _records = [];
    private IngestMachine _machine = null!;
    private Random _random = null!;
    private long _offset;
    private long _nowMs;

    [Params(1_000, 100_000)]
    public int Users { get; set; }

    [GlobalSetup]
    public void Begin()
    {
        LogRecordCodec codec = new(new OwnerHash(new byte[OwnerHash.KeySizeBytes]));
        _records = new LogEntry[Users];
        for (int user = 0; user < Users; user++)
        {
            ArrayBufferWriter<byte> bytes = new();
            codec.Encode(
                new LogRecord.Interaction(new UserId(string.Create(CultureInfo.InvariantCulture, $"user-{user}")), new ItemId("item"), "view", user), bytes);
            _records[user] = new LogEntry(0, bytes.WrittenMemory);
        }

        _random = new Random(1);
        _machine = new IngestMachine(0, 0, new IngestOptions());
        _machine.Start(null, 0, new LogRange(0, long.MaxValue), 0);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Chunk)]
    public int Grouping()
    {
        int groups = 0;
        foreach (IGrouping<Owner, LogEntry> unused in Draw().GroupBy(record => LogRecordCodec.TryGetOwner(record.Bytes.Span, out Owner owner) ? owner : default))
        {
            groups++;
        }

        return groups;
    }

    [Benchmark(OperationsPerInvoke = Chunk)]
    public long Machine()
    {
        LogEntry[] records = Draw();
        _machine.OnRead(new IngestRead(IngestReading.New, _machine.Next, Chunk), new LogChunk(0, records, _offset));
        _takes.Clear();
        _takes.AddRange(_machine.Effects.Takes);
        _machine.Effects.Clear();
        foreach (Take take in _takes)
        {
            _machine.OnAnswer(new Taken(take.Owner, 0, 0, take.Ticket, take.Last, -1));
            _unsaved.Enqueue(take);
        }

        while (_unsaved.Count > UnsavedUsers)
        {
            Take take = _unsaved.Dequeue();
            _machine.OnSaved(new Saved(take.Owner, 0, 0, take.Last));
        }

        _machine.Tick(_nowMs += 10);
        if (_machine.Effects.Save is { } save)
        {
            _machine.OnCheckpointSaved(save.Revision);
        }

        return _machine.Next;
    }

    private LogEntry[] Draw()
    {
        LogEntry[] records = new LogEntry[Chunk];
        for (int i = 0; i < records.Length; i++)
        {
            records[i] = new LogEntry(_offset++, _records[_random.Next(Users)].Bytes);
        }

        return records;
    }
}

/// <summary>Measures a user's machine: a Take of one record into a profile of 64, compared with the profile's own work.</summary>
[MemoryDiagnoser]
public class UserMachineBenchmarks
{
    private UserProfile _profile = UserProfile.Empty;
    private LogEntry[] _record = [];
    private Take _take = null!;
    private Take _probe = null!;
    private UserMachine _idle = null!;

    [GlobalSetup]
    public void Begin()
    {
        LogRecordCodec codec = new(new OwnerHash(new byte[OwnerHash.KeySizeBytes]));
        LogEntry[] records = new LogEntry[65];
        for (int i = 0; i < records.Length; i++)
        {
            ArrayBufferWriter<byte> bytes = new();
            codec.Encode(
                new LogRecord.Interaction(new UserId("ada"), new ItemId(string.Create(CultureInfo.InvariantCulture, $"item-{i}")), "view", i), bytes);
            records[i] = new LogEntry(i, bytes.WrittenMemory);
        }

        _profile = UserProfile.Empty.Apply(0, 0, records.AsSpan(0, 64));
        _record = [records[64]];
        _take = new Take(new Owner(new byte[Owner.SizeBytes]), 0, 0, Base: 63, After: 63, Ticket: 0, _record);
        _probe = _take with { Records = ReadOnlyMemory<LogEntry>.Empty };
        _idle = new UserMachine(_profile, 1);
    }

    [Benchmark(Baseline = true)]
    public UserProfile ApplyAlone() => _profile.Apply(0, 0, _record);

    [Benchmark]
    public TakeAnswer? MadeAndTold()
    {
        new UserMachine(_profile, 1).On(_take, isOlderThanLoad: true, out TakeAnswer? answer);
        return answer;
    }

    [Benchmark]
    public TakeAnswer? Probed()
    {
        _idle.On(_probe, isOlderThanLoad: true, out TakeAnswer? answer);
        return answer;
    }
}
