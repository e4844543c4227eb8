package io.bobbinet.examples;

import static org.msgpack.value.ValueFactory.newArray;
import static org.msgpack.value.ValueFactory.newInteger;
import static org.msgpack.value.ValueFactory.newString;

import io.bobbinet.examples.PacketExamples.Order;
import io.bobbinet.msgpack.MessagePack;
import io.bobbinet.packet.Converter;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import org.msgpack.core.MessageIntegerOverflowException;
import org.msgpack.core.MessageTypeCastException;
import org.msgpack.value.Value;

/** MessagePack, whose library is no module: whoever runs as modules says {@code --add-reads MODULE=ALL-UNNAMED}. */
public final class MessagePackExamples {
    private MessagePackExamples() {}

    /** {@return a codec of orders} */
    public static FramedCodec<Order> orders() {
        // @start region="msgpack"
        var orders = MessagePack.of()
                .converted(Converter.<Order, Value>of(
                        order -> newArray(newInteger(order.number()), newString(order.item())), value -> {
                            try {
                                var fields = value.asArrayValue();
                                return new Order(
                                        fields.get(0).asIntegerValue().asInt(),
                                        fields.get(1).asStringValue().asString());
                            } catch (MessageTypeCastException
                                    | MessageIntegerOverflowException
                                    | IndexOutOfBoundsException e) {
                                throw new MalformedPacketException("orders", "no order: " + value, e);
                            }
                        }));
        // @end region="msgpack"
        return orders;
    }
}
