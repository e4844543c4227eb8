package io.bobbinet.cli;

import java.nio.file.Path;

/**
 * A program of the tour and what is done with it.
 *
 * @param id its stable name, after the page that it comes from
 * @param title what it is, in a few words
 * @param program its class
 * @param run puts it to work
 */
record TourRow(String id, String title, Class<?> program, Run run) {

    /** Puts a program to work. */
    interface Run {

        /**
         * Runs the program against a peer, and checks what it did.
         *
         * @param folder an empty folder of its own
         * @return what it did, in one line
         * @throws Exception if it does not what it should
         */
        String run(Path folder) throws Exception;
    }
}
