package io.bobbinet.cli;

/**
 * The standard streams, and which of them are connected to a terminal. Java can tell for input and output together only, so
 * the launch script looks and says.
 */
enum Terminal {
    INPUT,
    OUTPUT,
    ERROR;

    /** The numbers of the descriptors that are terminals. */
    private static final String CONNECTED = System.getProperty("io.bobbinet.cli.terminals", "");

    boolean isConnected() {
        return CONNECTED.contains(Integer.toString(ordinal()));
    }
}
