package io.bobbinet.cli;

import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Says in one line on standard error what went wrong, and turns it into an exit status. */
final class Complaints implements IParameterExceptionHandler, IExecutionExceptionHandler {
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    private static final int MOST_SHOWN = 60;

    private final BooleanSupplier debug;

    Complaints(BooleanSupplier debug) {
        this.debug = debug;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        say(message(e, args) + "; see " + command.getCommandSpec().qualifiedName() + " --help");
        trace(e);
        return WRONG_USAGE;
    }

    private static String message(ParameterException e, String[] args) {
        Throwable failure = e.getCause() instanceof TypeConversionException wrong
                        && e.getArgSpec().isPositional()
                ? wrong
                : e;
        // Who mistypes an option leaves nothing out, and its value is no endpoint.
        Optional<String> unknown = failure != e || e instanceof MissingParameterException
                ? unknownOption(e.getCommandLine(), args)
                : Optional.empty();
        return unknown.map(option -> "Unknown option: '" + option + "'").orElseGet(() -> describe(failure));
    }

    private static Optional<String> unknownOption(CommandLine command, String[] args) {
        return Arrays.stream(args)
                .takeWhile(arg -> !arg.equals("--"))
                .filter(arg -> arg.startsWith("-") && arg.length() > 1)
                .filter(arg -> command.getCommandSpec().findOption(arg.replaceFirst("=.*", "")) == null)
                .findFirst();
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof UsageException) {
            return handleParseException(new ParameterException(command, e.getMessage(), e), new String[0]);
        }
        say(describe(e));
        trace(e);
        return FAILED;
    }

    private void trace(Exception e) {
        if (debug.getAsBoolean()) {
            e.printStackTrace();
        }
    }

    static void say(String message) {
        System.err.println("bobbinet: " + message);
    }

    /** {@return what happened, in one line} */
    static String describe(Throwable failure) {
        String message = failure.getMessage();
        String text = switch (failure) {
            case UnknownHostException e -> "unknown host: " + message;
            case NoSuchFileException e -> "no such file: " + message;
            case AccessDeniedException e -> "permission denied: " + message;
            case FileSystemException e -> message;
            case SSLException e -> TlsFailures.message(e);
            case RuntimeException e when !isMeantForPeople(e) -> "internal error: " + e;
            default -> message == null || message.isBlank() ? failure.toString() : message;
        };
        return oneLine(String.valueOf(text).strip());
    }

    /** {@return the beginning of a text} */
    static String shortened(String text) {
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
    }

    /** {@return a text without line breaks} */
    static String oneLine(String text) {
        return text.replaceAll("\\R\\s*", " ");
    }

    private static boolean isMeantForPeople(RuntimeException e) {
        return e.getMessage() != null
                && (e instanceof ParameterException
                        || e instanceof TypeConversionException
                        || e instanceof UnsupportedOperationException
                        || e instanceof IllegalArgumentException
                        || e instanceof IllegalStateException);
    }
}
