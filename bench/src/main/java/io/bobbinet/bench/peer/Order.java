package io.bobbinet.bench.peer;

import io.bobbinet.jackson.Json;
import io.bobbinet.packet.FramedCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the packets are: an order of a shop.
 *
 * @param number the order's number
 * @param customer who orders
 * @param express whether it is urgent
 * @param items what is ordered
 * @param note what else is to be said
 */
record Order(long number, String customer, boolean express, List<Item> items, String note) {
    static final FramedCodec<Order> CODEC = Json.lines(Order.class);

    private static final int LINE = 1024;

    /**
     * A part of an order.
     *
     * @param article the article's name
     * @param count how many
     * @param price the price of one
     */
    record Item(String article, int count, double price) {}

    /** {@return an order as it travels, with the line's end: 1,024 bytes} */
    static byte[] line() throws IOException {
        byte[] without = encoded("");
        return encoded("x".repeat(LINE - without.length));
    }

    private static byte[] encoded(String note) throws IOException {
        List<Item> items = IntStream.range(0, 12)
                .mapToObj(i -> new Item("article number " + i, i + 1, i + 0.25))
                .toList();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CODEC.encodeFrame(new Order(4711, "A. Customer", true, items, note), bytes);
        return bytes.toByteArray();
    }

    /** {@return where the server that runs this listens} */
    static Path socket(String folder) {
        return Path.of(folder, ProcessHandle.current().pid() + ".sock");
    }
}
