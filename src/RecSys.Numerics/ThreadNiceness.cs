using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>Lowers the priority of the calling thread permanently.</summary>
internal static class ThreadNiceness
{
    private const int PriorityOfProcess = 0;
    private const int CallingThread = 0;

    [ThreadStatic]
    private static int _applied;

    /// <summary>Gets the niceness for which <see cref="Apply"/> was last called on this thread, even if the system refused it; 0 if never.</summary>
    public static int Applied => _applied;

    /// <summary>Sets the nice value of the calling thread, 0 to 19; if the system refuses, the thread is unchanged.</summary>
    /// <remarks>
    /// POSIX gives a process one nice value, Linux each thread its own: setpriority(2), "C library/kernel
    /// differences" and nice(2). Raising it needs no privilege. Results do not depend on the priority, so a refusal is not an error.
    /// </remarks>
    public static void Apply(int niceness)
    {
        _applied = niceness;
        if (niceness == 0)
        {
            return;
        }

        if (!OperatingSystem.IsLinux())
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            return;
        }

        try
        {
            _ = SetPriority(PriorityOfProcess, CallingThread, niceness);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // The C library of this Linux has another name.
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, int who, int niceness);
}
