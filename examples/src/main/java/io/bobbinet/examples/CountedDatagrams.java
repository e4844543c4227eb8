package io.bobbinet.examples;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.DatagramServing;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.stream.Attribute;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** A transport of one's own: another one, whose datagrams are counted. What serves and loops comes with the interface. */
public final class CountedDatagrams<A extends SocketAddress> implements DatagramTransport<A> {
    private final DatagramTransport<A> below;
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();

    // @start region="serving"
    private final DatagramServing serving = new DatagramServing();

    @Override
    public DatagramServing serving() {
        return serving;
    }

    @Override
    public void close() throws IOException {
        try {
            below.close();
        } finally {
            serving.closed(); // whoever serves this looks up
        }
    }
    // @end region="serving"

    /** Counts what goes over a transport, which belongs to this from now on. */
    public CountedDatagrams(DatagramTransport<A> below) {
        this.below = below;
    }

    /** {@return how many datagrams have come, and how many went} */
    public String summary() {
        return received + " received, " + sent + " sent";
    }

    @Override
    public Datagram<A> receive(int max) throws IOException {
        var datagram = below.receive(max);
        received.increment();
        return datagram;
    }

    @Override
    public void send(Datagram<A> datagram) throws IOException {
        below.send(datagram);
        sent.increment();
    }

    @Override
    public void receiveBatch(DatagramBatch<A> batch) throws IOException {
        below.receiveBatch(batch);
        received.add(batch.size());
    }

    @Override
    public void sendBatch(DatagramBatch<A> batch) throws IOException {
        int before = batch.position();
        try {
            below.sendBatch(batch);
        } finally {
            sent.add(batch.position() - before); // some may have gone before it failed
        }
    }

    @Override
    public A localAddress() {
        return below.localAddress();
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return below.find(attribute);
    }
}
