namespace RecSys.Eng.Mutations;

/// <summary>The mutations: at least one for each promise.</summary>
internal static class MutationTable
{
    private const string Actors = "RecSys.Actors.Tests";
    private const string Batch = "RecSys.Batch.Tests";
    private const string Core = "RecSys.Core.Tests";
    private const string Files = "RecSys.Files.Tests";
    private const string Server = "RecSys.Server.Tests";
    private const string Serving = "RecSys.Serving.Tests";
    private const string Speed = "RecSys.Speed.Tests";
    private const string Sqlite = "RecSys.Sqlite.Tests";

    public static readonly Mutation[] All =
    [
        // Durability.
        new("commits are synced", "src/RecSys.Sqlite/Storage/SqliteDatabase.cs",
            "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL",
            Sqlite, "what was acknowledged before a power cut"),
        new("a failed commit is not acknowledged", "src/RecSys.Sqlite/Storage/GroupWriter.cs",
            "        if (failure is null)\n        {\n            _handler.Committed(group);", "        if (failure is null || group.Length > 0)\n        {\n            _handler.Committed(group);",
            Sqlite, "what was acknowledged while the disk was full"),
        new("files are flushed before they get their name", "src/RecSys.Files/DurableFiles.cs",
            "stream.Flush(flushToDisk: true);", "stream.Flush(flushToDisk: false);",
            Files, "models and folds after a power cut"),
        new("the folder is synced after a file is replaced", "src/RecSys.Files/DurableFiles.cs",
            "        File.Move(aside, path, overwrite: true);\n        SyncFolder(Path.GetDirectoryName(path)!);", "        File.Move(aside, path, overwrite: true);",
            Files, "the newest alias or fold after a power cut"),
        new("the folder is synced after a file is made", "src/RecSys.Files/DurableFiles.cs",
            "        if (isNew)\n        {\n            SyncFolder(Path.GetDirectoryName(path)!);\n        }\n", "",
            Files, "a published model after a power cut"),
        new("a model's bytes are checked", "src/RecSys.Core/Models/ModelSnapshot.Open.cs",
            "hash.SequenceEqual(section.Hash)", "hash.Length == section.Hash.Length",
            Core, "right slates from a damaged model"),

        // Exactly once.
        new("a forgotten user's saved offset is remembered", "src/RecSys.Core/Ingestion/IngestMachine.Lateness.cs",
            "        _forgottenBase = long.Max(_forgottenBase, _entries[index].Base);\n", "",
            Core, "records over which an outdated actor lives on"),
        new("an actor that misses records says so", "src/RecSys.Core/Ingestion/UserMachine.cs",
            "        if (has < take.After)", "        if (has < long.Min(take.After, -1))",
            Core, "records that a message loss skipped"),
        new("a record that is held counts once", "src/RecSys.Core/Users/UserProfile.Apply.cs",
            "            if (entry.Offset <= has)", "            if (entry.Offset < has)",
            Core, "a right history after a repeated message"),
        new("an interaction that is sent again counts once", "src/RecSys.Core/Users/PackedHistory.cs",
            "        if (!interaction.IdUtf8.IsEmpty && TryFind", "        if (interaction.IdUtf8.Length > Limits.IdBytesMax && TryFind",
            Core, "a right history after a client's retry"),
        new("the checkpoint stays before what is unsaved", "src/RecSys.Core/Ingestion/IngestMachine.Checkpoint.cs",
            "long.Min(Next, SmallestFirst())", "Next",
            Core, "what was not saved before a crash"),
        new("a state is saved only on the revision before it", "src/RecSys.Sqlite/SnapshotSaver.cs",
            "        if (revision != state.Revision - 1)", "        if (revision > state.Revision)",
            Sqlite, "what another incarnation had saved"),
        new("two incarnations of a user are saved in two groups", "src/RecSys.Actors/Persistence/SaveGroups.cs",
            "(owners.Add(pending.State.Owner) ? once : again).Add(pending);", "(owners.Add(pending.State.Owner) ? once : once).Add(pending);",
            Actors, "one of two saves, unheard"),
        new("a row that cannot be written fails no other", "src/RecSys.Actors/Persistence/SaveGroups.cs",
            "when (count == 1 || e is", "when (count >= 1 || e is",
            Actors, "saves of all users who share a group with a damaged row"),
        new("a fold counts a record once", "src/RecSys.Core/Log/FoldPosition.cs",
            "        if (record.Offset <= offset)", "        if (record.Offset < offset)",
            Core, "right trends after a restart"),
        new("trends never run ahead of the catalogue", "src/RecSys.Speed/Folds/FoldLoop.cs",
            "            await fold.WaitForOthersAsync(last, cancellationToken).ConfigureAwait(false);\n", "            _ = last;\n",
            Speed, "trends in a category for items touched while the catalogue was read"),

        // Erasure.
        new("an erased state is saved at once", "src/RecSys.Speed/Users/UserActor.cs",
            "            Do(machine.SaveNow(), machine); // it does not wait for its turn: nothing erased may linger\n", "            _ = machine;\n",
            Speed, "an erasure that is done soon"),
        new("the profile is erased before the files are cleared", "src/RecSys.Speed/Erasing/ErasureDriver.cs",
            "[profiles, .. places]", "[.. places, profiles]",
            Speed, "the erasure of what the profile's last save left behind"),
        new("a receipt says done only when it is", "src/RecSys.Speed/Erasing/ErasureDriver.cs",
            "new ErasureProgress(_position.Covers(record), _book.PlacesOf(owner))", "new ErasureProgress(_position.Epoch >= 0, _book.PlacesOf(owner))",
            Speed, "a receipt to rely on"),
        new("the write-ahead log is emptied after an erasure", "src/RecSys.Sqlite/SqliteInteractionLog.Erase.cs",
            "                database.TruncateWriteAheadLog();\n", "",
            Sqlite, "the erasure of bytes in the write-ahead log"),
        new("an erased record leaves the tail in memory", "src/RecSys.Sqlite/SqliteInteractionLog.Erase.cs",
            "                    _tail.Erase(chunk.First, records);\n", "                    _ = chunk;\n",
            Sqlite, "the erasure of what was just recorded"),
        new("an erased history is empty", "src/RecSys.Core/Users/UserProfile.Apply.cs",
            "                    history = history.After(upTo);\n", "",
            Core, "erasure"),
        new("a shorter state leaves nothing of the longer one", "src/RecSys.Sqlite/SnapshotSaver.cs",
            "            place.Clear(bytes.Length, length);\n", "",
            Sqlite, "the erasure of a state's older bytes"),
        new("a state that moves is zeroed where it was", "src/RecSys.Sqlite/SnapshotSaver.cs",
            "                SlotAt(slot).Clear(0, length);\n", "",
            Sqlite, "the erasure of a state's older bytes"),
        new("a merge goes with the person who was merged", "src/RecSys.Sqlite/SqliteInteractionLog.Erase.cs",
            "merged.FromOwner == owner", "merged.FromOwner == merged.FromOwner && merged.Target.Value.Length == 0",
            Sqlite, "the erasure of an id in another's merge"),
        new("who refused is not learnt from", "src/RecSys.Batch/Training/LogHistory.cs",
            "user.Consent is not false && user.Count > 0", "user.Count > 0",
            Batch, "consent"),

        // The gate.
        new("doubt passes, a real loss does not: the interval decides", "src/RecSys.Batch/Evaluation/Gate.cs",
            "bool isWorseThanThis = high < -options.Tolerance * mean;", "bool isWorseThanThis = candidate.Metrics[metric] - mean < -options.Tolerance * mean;",
            Batch, "new models that few users make look worse by chance"),
        new("the interval's upper bound decides", "src/RecSys.Batch/Evaluation/Gate.cs",
            "bool isWorseThanThis = high < -options.Tolerance * mean;", "bool isWorseThanThis = low < -options.Tolerance * mean;",
            Batch, "new models that few users make look worse by chance"),
        new("a candidate does not start from a model that has seen the tail", "src/RecSys.Batch/CandidateTrainer.cs",
            "WarmStart? fairWarm = isFair ? warm : null;", "WarmStart? fairWarm = warm;",
            Batch, "a gate that judges by what is unknown"),
        new("a champion is not judged by what it has learnt from", "src/RecSys.Batch/CandidateTrainer.cs",
            "hasSeen ? championMs + 1 : cutMs", "cutMs",
            Batch, "new models, which lose against a champion that knows the answers"),
        new("a worse candidate stays out", "src/RecSys.Batch/CandidateTrainer.cs",
            "            if (!verdict.Passes)", "            if (!verdict.Passes && candidate is null)",
            Batch, "a better model, to a worse one"),

        // Cursors.
        new("a damaged cursor is refused", "src/RecSys.Core/Slates/SlateCursor.cs",
            "BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(checkedBytes)) != XxHash32.HashToUInt32(bytes.AsSpan(0, checkedBytes))", "bytes.Length == 0",
            Core, "pages without gaps"),
        new("a page does not repeat the pages before", "src/RecSys.Core/Slates/SlateCursor.cs",
            "        before?._hashes.CopyTo(hashes, 0);\n", "",
            Core, "pages without repetition"),
        new("a cursor ends", "src/RecSys.Core/Slates/SlateCursor.cs",
            "countBefore + shown.Length >= ShownMax", "countBefore + shown.Length > 2 * ShownMax",
            Core, "the bound on a request line"),

        // Keys.
        new("a key's role is checked", "src/RecSys.Server/Edge/Access.cs",
            "(roles & needed) != needed", "roles == Role.None",
            Server, "a read key that cannot erase"),
        new("without keys the Host must name this machine", "src/RecSys.Server/Edge/Access.cs",
            "        if (!IsLoopback(context.Request.Host.Host))", "        if (context.Request.Host.Host.Length == 0)",
            Server, "protection from a page that points its name here"),
        new("without keys pages of other sites may not call", "src/RecSys.Server/Edge/Access.cs",
            "&& IsLoopback(uri.Host))", "&& uri.Host.Length > 0)",
            Server, "protection from other sites' pages"),

        // Limits.
        new("the permit for a body's bytes is given back", "src/RecSys.Server/Bodies/RequestBody.cs",
            "            _budget.Return(_taken);\n", "",
            Server, "a server that still takes bodies after a day"),
        new("an encoded body is refused", "src/RecSys.Server/Bodies/RequestBody.cs",
            "request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != \"identity\"", "request.Headers.ContentEncoding.Count > 8",
            Server, "an error that says what is wrong"),
        new("a batch has a limit", "src/RecSys.Server/Bodies/JsonRows.cs",
            "            if (rows.Count == Limits.BatchMax)", "            if (rows.Count > Limits.BatchMax)",
            Server, "a bounded batch"),
        new("an item is gone at the moment of its end", "src/RecSys.Serving/Pipeline/CatalogueFilter.cs",
            "content.AvailableUntilMs <= nowMs", "content.AvailableUntilMs < nowMs",
            Serving, "an end that is exact"),
        new("a category's share is rounded up", "src/RecSys.Serving/Selection/Selector.cs",
            "(int)Math.Ceiling(share * run.Request.Count)", "(int)Math.Floor(share * run.Request.Count)",
            Serving, "a slate's last place for a category"),
    ];
}
