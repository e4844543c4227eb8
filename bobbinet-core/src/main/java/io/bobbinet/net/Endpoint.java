package io.bobbinet.net;

import java.util.Objects;

/**
 * Where to connect to or to listen, written as a URI: what a program takes from its command line or its configuration.
 *
 * <table class="striped">
 * <caption>The forms</caption>
 * <thead><tr><th scope="col">URI</th><th scope="col">record</th></tr></thead>
 * <tbody>
 * <tr><th scope="row">{@code tcp://HOST:PORT}</th><td>{@link Tcp}</td></tr>
 * <tr><th scope="row">{@code tls://HOST:PORT}</th><td>{@link Tls}</td></tr>
 * <tr><th scope="row">{@code unix:///PATH}</th><td>{@link Unix}</td></tr>
 * <tr><th scope="row">{@code unix:@NAME}</th><td>{@link Unix} with an abstract name</td></tr>
 * <tr><th scope="row">{@code udp://HOST:PORT}</th><td>{@link Udp}</td></tr>
 * <tr><th scope="row">{@code unixgram:///PATH}</th><td>{@link UnixDatagram}</td></tr>
 * <tr><th scope="row">{@code unixgram:@NAME}</th><td>{@link UnixDatagram} with an abstract name</td></tr>
 * </tbody>
 * </table>
 *
 * <p>A host is a name or an address; IPv6 addresses stand in brackets, with a zone after a percent sign if need be:
 * {@code tcp://[fe80::1%eth0]:1234}. An empty host is the wildcard, for listening on all addresses. Port 0 lets the
 * system choose one. In paths and abstract names {@code %41} stands for the byte 0x41, and so {@code %25} for a percent
 * sign; all other characters stand for themselves, in UTF-8.
 *
 * <p>{@code toString()} of each record gives the URI back, in a form that {@link #parse} takes.
 *
 * {@snippet file="NetExamples.java" region="endpoint"}
 */
public sealed interface Endpoint {

    /**
     * Parses an endpoint. Looks nothing up and opens nothing.
     *
     * @param uri the URI
     * @return the endpoint
     * @throws IllegalArgumentException if it is none; the message says what is wrong and what a right one looks like
     */
    static Endpoint parse(String uri) {
        return EndpointParser.parse(Objects.requireNonNull(uri, "uri"));
    }

    /**
     * A TCP endpoint.
     *
     * @param host a name or an address, without brackets; empty for the wildcard
     * @param port the port, 0 to 65535
     */
    record Tcp(String host, int port) implements Endpoint {

        /**
         * Checks the components.
         *
         * @throws IllegalArgumentException if no host or port can look like that
         */
        public Tcp {
            EndpointParser.check(host, port);
        }

        /**
         * {@return the endpoint of the same host with another port}
         *
         * @param newPort the port, such as the one that the system chose for 0
         */
        public Tcp withPort(int newPort) {
            return new Tcp(host, newPort);
        }

        @Override
        public String toString() {
            return EndpointParser.format("tcp", host, port);
        }
    }

    /**
     * A TLS endpoint, over TCP.
     *
     * @param host a name or an address, without brackets; empty for the wildcard
     * @param port the port, 0 to 65535
     */
    record Tls(String host, int port) implements Endpoint {

        /**
         * Checks the components.
         *
         * @throws IllegalArgumentException if no host or port can look like that
         */
        public Tls {
            EndpointParser.check(host, port);
        }

        /**
         * {@return the endpoint of the same host with another port}
         *
         * @param newPort the port, such as the one that the system chose for 0
         */
        public Tls withPort(int newPort) {
            return new Tls(host, newPort);
        }

        @Override
        public String toString() {
            return EndpointParser.format("tls", host, port);
        }
    }

    /**
     * A UDP endpoint.
     *
     * @param host a name or an address, without brackets; empty for the wildcard
     * @param port the port, 0 to 65535
     */
    record Udp(String host, int port) implements Endpoint {

        /**
         * Checks the components.
         *
         * @throws IllegalArgumentException if no host or port can look like that
         */
        public Udp {
            EndpointParser.check(host, port);
        }

        /**
         * {@return the endpoint of the same host with another port}
         *
         * @param newPort the port, such as the one that the system chose for 0
         */
        public Udp withPort(int newPort) {
            return new Udp(host, newPort);
        }

        @Override
        public String toString() {
            return EndpointParser.format("udp", host, port);
        }
    }

    /**
     * A UNIX stream endpoint.
     *
     * @param address its path or abstract name
     */
    record Unix(UnixAddress address) implements Endpoint {

        /**
         * Checks the component.
         *
         * @throws IllegalArgumentException if the address is unnamed, or its path is not absolute
         */
        public Unix {
            EndpointParser.check(address);
        }

        @Override
        public String toString() {
            return EndpointParser.format("unix", address);
        }
    }

    /**
     * A UNIX datagram endpoint.
     *
     * @param address its path or abstract name
     */
    record UnixDatagram(UnixAddress address) implements Endpoint {

        /**
         * Checks the component.
         *
         * @throws IllegalArgumentException if the address is unnamed, or its path is not absolute
         */
        public UnixDatagram {
            EndpointParser.check(address);
        }

        @Override
        public String toString() {
            return EndpointParser.format("unixgram", address);
        }
    }
}
