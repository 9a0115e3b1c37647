using System.Reflection;
using Confluent.Kafka;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RecSys.Kafka.Tests;

/// <summary>The client library ends its administration client when it cannot convert a result: a call then never completes, and later ones throw.</summary>
public sealed class KafkaAdminTests : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly List<AdminClientDouble> _made = [];
    private readonly KafkaAdmin _admin;

    public KafkaAdminTests() => _admin = new KafkaAdmin(NewClient, RequestTimeout, _time);

    [Fact]
    public async Task A_call_that_never_completes_fails_and_the_next_one_uses_a_new_client()
    {
        Task<int> lost = _admin.CallAsync(_ => new TaskCompletionSource<int>().Task);
        _made[0].HasEnded = true;
        _time.Advance(RequestTimeout + TimeSpan.FromSeconds(5));

        Assert.Equal(ErrorCode.Local_TimedOut, (await Assert.ThrowsAsync<KafkaException>(() => lost)).Error.Code);
        Assert.Same(_made[1], await _admin.CallAsync(Task.FromResult));
    }

    [Fact]
    public async Task A_call_to_a_client_that_has_ended_fails_and_the_next_one_uses_a_new_client()
    {
        _made[0].HasEnded = true;

        await Assert.ThrowsAsync<KafkaException>(() => _admin.CallAsync<int>(_ => throw new ObjectDisposedException("handle is destroyed")));

        Assert.Same(_made[1], await _admin.CallAsync(Task.FromResult));
    }

    [Fact]
    public async Task Calls_that_fail_at_the_same_time_replace_the_client_once()
    {
        Task<int>[] lost = [.. Enumerable.Range(0, 3).Select(_ => _admin.CallAsync(_ => new TaskCompletionSource<int>().Task))];
        _made[0].HasEnded = true;
        _time.Advance(RequestTimeout + TimeSpan.FromSeconds(5));

        await Task.WhenAll(lost).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.All(lost, call => Assert.True(call.IsFaulted));
        Assert.Equal(2, _made.Count);
    }

    [Fact]
    public async Task A_client_that_is_only_slow_is_kept()
    {
        Task<int> slow = _admin.CallAsync(_ => new TaskCompletionSource<int>().Task);
        _time.Advance(RequestTimeout + TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<KafkaException>(() => slow);

        Assert.Same(_made[0], await _admin.CallAsync(Task.FromResult));
    }

    [Fact]
    public async Task A_client_that_was_slow_before_it_ended_is_replaced()
    {
        Task<int> slow = _admin.CallAsync(_ => new TaskCompletionSource<int>().Task);
        _time.Advance(RequestTimeout + TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<KafkaException>(() => slow);
        _made[0].HasEnded = true;

        await Assert.ThrowsAsync<KafkaException>(() => _admin.CallAsync<int>(_ => throw new ObjectDisposedException("handle is destroyed")));

        Assert.Same(_made[1], await _admin.CallAsync(Task.FromResult));
    }

    [Fact]
    public void The_library_reports_that_its_client_has_ended_after_a_check_that_it_has_not()
    {
        IAdminClient client = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = "127.0.0.1:1" }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        Assert.False(KafkaAdmin.HasEnded(client));

        client.Dispose();

        Assert.True(KafkaAdmin.HasEnded(client));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void A_client_is_disposed_once_and_not_at_all_after_it_has_ended(bool hasEnded, int disposals)
    {
        _made[0].HasEnded = hasEnded;

        _admin.Dispose();
        _admin.Dispose();

        Assert.Equal(disposals, _made[0].Disposals);
    }

    public void Dispose() => _admin.Dispose();

    private IAdminClient NewClient()
    {
        IAdminClient client = DispatchProxy.Create<IAdminClient, AdminClientDouble>();
        _made.Add((AdminClientDouble)client);
        return client;
    }

    /// <summary>A client without brokers; <see cref="HasEnded"/> makes it throw as the library's does, which keeps its name from the first call on.</summary>
    public class AdminClientDouble : DispatchProxy
    {
        private string? _name;

        public bool HasEnded { get; set; }

        public int Disposals { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod?.Name == $"get_{nameof(IClient.Name)}" && _name is not null)
            {
                return _name;
            }

            ObjectDisposedException.ThrowIf(HasEnded, this);
            switch (targetMethod?.Name)
            {
                case nameof(IDisposable.Dispose):
                    Disposals++;
                    return null;
                case $"get_{nameof(IClient.Name)}":
                    return _name = "admin";
                default:
                    return targetMethod?.ReturnType == typeof(int) ? 0 : null;
            }
        }
    }
}
