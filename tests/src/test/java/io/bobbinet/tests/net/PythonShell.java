package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;

/** A Python that does what a test tells it, line by line, and says what came of it. Its sockets wait for 20 seconds at most. */
final class PythonShell implements AutoCloseable {
    private static final String PROGRAM = """
        import ctypes, functools, os, struct, sys
        from socket import *
        setdefaulttimeout(20)
        UDP_SEGMENT, UDP_GRO, SO_PASSCRED, SCM_CREDENTIALS = 103, 104, 16, 2
        for line in sys.stdin:
            try:
                if line.startswith('?'):
                    print(eval(line[1:].strip()), flush=True)
                else:
                    exec(line)
                    print('done', flush=True)
            except Exception as e:
                print(type(e).__name__ + ': ' + str(e), flush=True)
        """;

    private final PeerProcess python;

    private PythonShell(PeerProcess python) {
        this.python = python;
    }

    /** Starts one whose functions are those of Python's module {@code socket}. */
    static PythonShell start() throws IOException {
        return new PythonShell(PeerProcess.start(Peers.program("python3"), "-c", PROGRAM));
    }

    /** Starts one that has AnyIO too; {@code call(f, ...)} calls its functions, which are coroutines. */
    static PythonShell startAnyio() throws IOException {
        PythonShell shell = new PythonShell(PeerProcess.start(Peers.pythonWithAnyio(), "-c", PROGRAM));
        try {
            shell.run("import anyio, anyio.from_thread");
            shell.run("manager = anyio.from_thread.start_blocking_portal(); portal = manager.__enter__()");
            shell.run("call = lambda f, *a, **k: portal.call(functools.partial(f, *a, **k))");
            return shell;
        } catch (Throwable t) {
            shell.close();
            throw t;
        }
    }

    /** Runs a line. */
    void run(String line) throws IOException {
        python.writeLine(line);
        assertThat(python.readLine()).as(line).isEqualTo("done");
    }

    /** The value of an expression, as Python prints it; of what fails, the name of the exception and its message. */
    String ask(String expression) throws IOException {
        tell(expression);
        return answer();
    }

    /** The value of an expression that is a number. */
    int number(String expression) throws IOException {
        return Integer.parseInt(ask(expression));
    }

    /** Asks for the value of an expression that takes its time. */
    void tell(String expression) throws IOException {
        python.writeLine("?" + expression);
    }

    /** What it says to the last thing it was told. */
    String answer() {
        return python.readLine();
    }

    /** Ends it at once, by SIGKILL. */
    void die() {
        python.kill();
    }

    long pid() {
        return python.process().pid();
    }

    @Override
    public void close() {
        python.close();
    }
}
