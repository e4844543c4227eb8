package io.bobbinet.tests.packet.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.testkit.CodecContract;
import io.bobbinet.testkit.ContractCheck;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract finds what codecs do wrong. */
@Timeout(60)
class CodecContractTest {

    /** A length in two bytes and text; a codec as it should be, for others to do worse. */
    private static class Good implements FramedCodec<String> {
        final int limit;

        Good(int limit) {
            if (limit < 1) {
                throw new IllegalArgumentException("no limit: " + limit);
            }
            this.limit = limit;
        }

        @Override
        public void encodeFrame(String packet, OutputStream target) throws IOException {
            byte[] bytes = packet.getBytes(UTF_8);
            if (bytes.length > limit) {
                throw new IllegalArgumentException("too long: " + bytes.length);
            }
            target.write(bytes.length >> 8);
            target.write(bytes.length);
            target.write(bytes);
        }

        @Override
        public String decodeFrame(BufferedReceiveStream stream) throws IOException {
            byte[] length = stream.receiveExactly(2);
            return decodeFrame(stream, (length[0] & 0xff) << 8 | length[1] & 0xff);
        }

        String decodeFrame(BufferedReceiveStream stream, int length) throws IOException {
            if (length > limit) {
                throw MalformedPacketException.skipping(length, "good", "too long: " + length);
            }
            return text(stream.receiveExactly(length));
        }

        String text(byte[] bytes) throws IOException {
            return new String(bytes, UTF_8);
        }

        @Override
        public String toString() {
            return "good";
        }
    }

    private static List<String> failures(IntFunction<? extends Codec<String>> codecs) {
        List<String> failed = new ArrayList<>();
        for (ContractCheck check : CodecContract.of(codecs.apply(65_535), CodecTesting::text)
                .limiting(codecs, "x"::repeat, 10)
                .mutating(5_000)
                .checks()) {
            try {
                check.run();
            } catch (AssertionError e) {
                failed.add(check.name());
            }
        }
        return failed;
    }

    @Test
    void codecThatDoesAllRightPasses() {
        assertThat(failures(Good::new)).isEmpty();
    }

    private static Arguments wrong(String what, IntFunction<? extends Codec<String>> codecs, String... checks) {
        return Arguments.argumentSet(what, codecs, List.of(checks));
    }

    static Stream<Arguments> wrongCodecs() {
        return Stream.concat(wrongInDecoding(), Stream.concat(wrongInState(), wrongInLimits()));
    }

    private static Stream<Arguments> wrongInDecoding() {
        return Stream.of(
                wrong(
                        "takes bytes of the next packet",
                        limit -> new Good(limit) {
                            @Override
                            public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                                byte[] length = stream.receiveExactly(2);
                                String text = decodeFrame(stream, (length[0] & 0xff) << 8 | length[1] & 0xff);
                                if (stream.buffered() > 2) {
                                    byte[] unused = stream.receive(1);
                                }
                                return text;
                            }
                        },
                        "packetsComeBackFromAStream",
                        "everySplitInTwoGivesTheSamePackets"),
                wrong(
                        "counts on a packet to come at once",
                        limit -> new Good(limit) {
                            @Override
                            String decodeFrame(BufferedReceiveStream stream, int length) throws IOException {
                                return length == 0 || length > limit
                                        ? super.decodeFrame(stream, length)
                                        : text(stream.receive(length));
                            }
                        },
                        "everySplitInTwoGivesTheSamePackets",
                        "byteByByteGivesTheSamePackets"),
                wrong(
                        "hides the end of the stream",
                        limit -> new Good(limit) {
                            @Override
                            public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                                try {
                                    return super.decodeFrame(stream);
                                } catch (EOFException e) {
                                    return "the end";
                                }
                            }
                        },
                        "endInsideOfAPacketIsTold",
                        "packetsComeBackFromAStream"),
                wrong(
                        "crashes",
                        limit -> new Good(limit) {
                            @Override
                            String text(byte[] bytes) throws IOException {
                                String text = super.text(bytes);
                                if (text.indexOf('\ufffd') >= 0) {
                                    throw new IllegalStateException("replaced");
                                }
                                return text;
                            }
                        },
                        "damagedStreamGivesPacketsAndMalformedOnes",
                        "damagedBytesAreMalformedOrAPacket"),
                wrong(
                        "gives up",
                        limit -> new Good(limit) {
                            @Override
                            String text(byte[] bytes) throws IOException {
                                String text = super.text(bytes);
                                if (text.indexOf('\ufffd') >= 0) {
                                    throw MalformedPacketException.unrecoverable("good", "replaced");
                                }
                                return text;
                            }
                        },
                        "damagedStreamGivesPacketsAndMalformedOnes"));
    }

    private static Stream<Arguments> wrongInState() {
        ByteArrayOutputStream common = new ByteArrayOutputStream();
        return Stream.of(
                wrong(
                        "has the state of a conversation",
                        limit -> new Good(limit) {
                            @Override
                            public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                                while (common.size() < 2 || common.size() < 2 + (common.toByteArray()[1] & 0xff)) {
                                    common.write(stream.receiveExactly(1));
                                }
                                byte[] bytes = common.toByteArray();
                                common.reset();
                                return new String(bytes, 2, bytes.length - 2, UTF_8);
                            }
                        },
                        "oneInstanceServesManyConnections",
                        "deadlineAtAnyByteLosesNothing"),
                wrong(
                        "has a buffer for all threads",
                        limit -> new Good(limit) {
                            private volatile byte[] last = {};

                            @Override
                            String text(byte[] bytes) throws IOException {
                                last = bytes;
                                for (int i = 0; i < 1000 && last == bytes; i++) {
                                    Thread.onSpinWait();
                                }
                                return super.text(last);
                            }
                        },
                        "oneInstanceServesManyThreads"),
                wrong(
                        "has no name",
                        limit -> new Good(limit) {
                            @Override
                            public String toString() {
                                return "Good@1b2c3d";
                            }
                        },
                        "codecHasAName"));
    }

    private static Stream<Arguments> wrongInLimits() {
        return Stream.of(
                wrong(
                        "believes every length",
                        limit -> new Good(limit) {
                            @Override
                            String decodeFrame(BufferedReceiveStream stream, int length) throws IOException {
                                byte[] memory = new byte[length << 10];
                                return super.decodeFrame(stream, Math.min(length, memory.length));
                            }
                        },
                        "damagedStreamGivesPacketsAndMalformedOnes"),
                wrong(
                        "takes the rest of a packet for packets",
                        limit -> new Good(limit) {
                            @Override
                            String decodeFrame(BufferedReceiveStream stream, int length) throws IOException {
                                if (length > limit) {
                                    throw new MalformedPacketException("good", "too long: " + length);
                                }
                                return super.decodeFrame(stream, length);
                            }
                        },
                        "packetBeyond10IsOneMalformedPacket"),
                wrong("is off by one", limit -> new Good(limit == 10 ? 9 : limit), "limitOf10IsExact"),
                wrong(
                        "has a limit for receiving only",
                        limit -> new Good(limit) {
                            @Override
                            public void encodeFrame(String packet, OutputStream target) throws IOException {
                                new Good(65_535).encodeFrame(packet, target);
                            }
                        },
                        "limitOf10IsExact",
                        "limitOf10IsExactOnAStream"),
                wrong("tells too long packets as others do", LeakyLine::new, "packetBeyond10IsOneMalformedPacket"));
    }

    /** Lets pass what the stream throws. */
    private record LeakyLine(int limit) implements FramedCodec<String> {
        LeakyLine {
            if (limit < 1) {
                throw new IllegalArgumentException("no limit: " + limit);
            }
        }

        @Override
        public void encodeFrame(String packet, OutputStream target) throws IOException {
            if (packet.length() > limit) {
                throw new IllegalArgumentException("too long");
            }
            target.write((packet + "\n").getBytes(UTF_8));
        }

        @Override
        public String decodeFrame(BufferedReceiveStream stream) throws DelimiterNotFoundException, IOException {
            return new String(stream.receiveUntil(new byte[] {'\n'}, limit), UTF_8);
        }
    }

    @ParameterizedTest
    @MethodSource("wrongCodecs")
    void codecThatDoesSomethingWrongIsFound(IntFunction<? extends Codec<String>> codecs, List<String> checks) {
        assertThat(failures(codecs)).containsAll(checks);
    }
}
