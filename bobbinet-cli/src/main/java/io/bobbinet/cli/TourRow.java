package io.bobbinet.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A program of the tour, or two that belong together, and what is done with it.
 *
 * @param id its stable name, after the page that it comes from
 * @param title what it is, in a few words
 * @param programs its classes
 * @param run puts it to work
 */
record TourRow(String id, String title, List<Class<?>> programs, Run run) {

    TourRow(String id, String title, Class<?> program, Run run) {
        this(id, title, List.of(program), run);
    }

    /** {@return the names of the programs} */
    String names() {
        return programs.stream().map(Class::getSimpleName).collect(Collectors.joining(" and "));
    }

    /** Puts a program to work. */
    interface Run {

        /**
         * Runs the program against a peer, and checks what it did.
         *
         * @param folder an empty folder of its own
         * @return what it did, in one line
         * @throws UnsupportedOperationException if the backend cannot
         * @throws Exception if it does not what it should
         */
        String run(Path folder) throws Exception;
    }
}
