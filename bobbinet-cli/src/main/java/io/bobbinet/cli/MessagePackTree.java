package io.bobbinet.cli;

import io.bobbinet.msgpack.MessagePack;
import io.bobbinet.packet.FramedCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.msgpack.value.ExtensionValue;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** MessagePack values as JSON, in which people write and read them. */
final class MessagePackTree {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private MessagePackTree() {}

    static FramedCodec<Value> codec() {
        return MessagePack.of();
    }

    /** {@return the value of a JSON document} */
    static Value value(JsonNode node) {
        return switch (node.getNodeType()) {
            case BOOLEAN -> ValueFactory.newBoolean(node.booleanValue());
            case NUMBER ->
                node.isIntegralNumber()
                        ? ValueFactory.newInteger(node.bigIntegerValue())
                        : ValueFactory.newFloat(node.doubleValue());
            case STRING -> ValueFactory.newString(node.stringValue());
            case ARRAY ->
                ValueFactory.newArray(
                        node.valueStream().map(MessagePackTree::value).toList());
            case OBJECT -> {
                List<Value> keysAndValues = new ArrayList<>();
                node.propertyStream().forEach(each -> {
                    keysAndValues.add(ValueFactory.newString(each.getKey()));
                    keysAndValues.add(value(each.getValue()));
                });
                yield ValueFactory.newMap(keysAndValues.toArray(Value[]::new), true);
            }
            default -> ValueFactory.newNil();
        };
    }

    /** {@return a JSON document that shows a value} Bytes are Base64 in it, NaN and infinities are texts. */
    static JsonNode of(Value value) {
        return switch (value.getValueType()) {
            case NIL -> NODES.nullNode();
            case BOOLEAN -> NODES.booleanNode(value.asBooleanValue().getBoolean());
            case INTEGER -> NODES.numberNode(value.asIntegerValue().asBigInteger());
            case FLOAT -> NODES.numberNode(value.asFloatValue().toDouble());
            case STRING -> NODES.stringNode(value.asStringValue().asString());
            case BINARY -> NODES.binaryNode(value.asBinaryValue().asByteArray());
            case ARRAY -> {
                ArrayNode array = NODES.arrayNode();
                value.asArrayValue().forEach(each -> array.add(of(each)));
                yield array;
            }
            case MAP -> {
                ObjectNode object = NODES.objectNode();
                for (Map.Entry<Value, Value> each : value.asMapValue().entrySet()) {
                    object.set(name(each.getKey()), of(each.getValue()));
                }
                yield object;
            }
            case EXTENSION -> extension(value.asExtensionValue());
        };
    }

    /** A map in a key, made JSON here, would be escaped again at each level: few bytes would become gigabytes. */
    private static String name(Value key) {
        if (key.isMapValue() || key.isArrayValue()) {
            return key.toString();
        }
        return key.isStringValue() ? key.asStringValue().asString() : of(key).toString();
    }

    private static JsonNode extension(ExtensionValue value) {
        if (value.isTimestampValue()) {
            return NODES.stringNode(value.asTimestampValue().toInstant().toString());
        }
        return NODES.objectNode().put("type", value.getType()).put("data", value.getData());
    }
}
