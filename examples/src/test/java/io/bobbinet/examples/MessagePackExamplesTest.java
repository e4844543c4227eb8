package io.bobbinet.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.PacketExamples.Order;
import io.bobbinet.packet.MalformedPacketException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MessagePackExamplesTest {

    @Test
    void ordersComeBackAndWhatIsNoneIsTold() throws IOException {
        var orders = MessagePackExamples.orders();
        var bytes = new ByteArrayOutputStream();
        orders.encode(new Order(7, "a lamp"), bytes);
        assertThat(orders.decode(bytes.toByteArray())).isEqualTo(new Order(7, "a lamp"));
        assertThatThrownBy(() -> orders.decode(new byte[] {(byte) 0x91, 7})) // an array of one
                .isInstanceOf(MalformedPacketException.class)
                .hasMessage("orders: no order: [7]");
    }
}
