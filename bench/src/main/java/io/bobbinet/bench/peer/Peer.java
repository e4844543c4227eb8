package io.bobbinet.bench.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** What every measured server does the same way. */
final class Peer {
    /** The size of a server's buffer: larger than a message, as with servers that do not know what comes. */
    static final int BUFFER = 1024;

    private Peer() {}

    /** Tells the port, and lets the process end with the one that started it. */
    static void serving(int port) {
        System.out.println("listening " + port);
        System.out.flush();
        Thread.ofPlatform().name("parent").daemon().start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is ever sent; the end is all that comes.
                }
            } catch (IOException e) {
                // As good as the end.
            }
            Runtime.getRuntime().halt(0);
        });
    }

    /** What a measured program does when it is told to. */
    interface Answers {
        /** {@return the line that tells what it did} */
        String to(String command, long argument) throws Exception;
    }

    /** Tells the port and does what it is told, a command and a number in each line, until the one that started this process ends. */
    static void obeying(int port, Answers answers) {
        System.out.println("listening " + port);
        System.out.flush();
        try (BufferedReader commands =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            String line;
            while ((line = commands.readLine()) != null) {
                String[] words = line.split(" ");
                System.out.println(answers.to(words[0], Long.parseLong(words[1])));
                System.out.flush();
            }
        } catch (Exception e) {
            e.printStackTrace();
        }
        Runtime.getRuntime().halt(0);
    }
}
