package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.codec.Base64Text;
import io.bobbinet.packet.codec.Bytes;
import io.bobbinet.packet.codec.Compressed;
import io.bobbinet.packet.codec.Delimited;
import io.bobbinet.packet.codec.Encrypted;
import io.bobbinet.packet.codec.FileLike;
import io.bobbinet.packet.codec.FixedSize;
import io.bobbinet.packet.codec.LengthPrefixed;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.packet.codec.Serialized;
import io.bobbinet.packet.codec.Struct;
import io.bobbinet.packet.codec.Text;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.zip.Deflater;
import javax.crypto.SecretKey;

/** The codecs that come with the library, and how they are put together. */
public final class CodecExamples {
    private CodecExamples() {}

    /** {@return codecs of texts} */
    public static List<FramedCodec<String>> texts() {
        // @start region="lines"
        var lines = Lines.utf8(); // LF; CRLF is taken too
        var mail = Lines.of(ISO_8859_1).withEnding(Lines.Ending.CRLF).withLimit(1000);
        // @end region="lines"
        // @start region="delimited"
        var records = Delimited.of(Text.utf8(), new byte[] {0}); // any codec, and what ends its packets
        // @end region="delimited"
        // @start region="fixed-size"
        var countries = FixedSize.of(2, Text.utf8()); // "DE", "FR"
        // @end region="fixed-size"
        return List.of(lines, mail, records, countries);
    }

    /** {@return a codec of texts that may be long} */
    public static Codec<String> text() {
        // @start region="text"
        var text = Text.utf8().withLimit(1 << 20); // a datagram's, or between other codecs
        // @end region="text"
        return text;
    }

    /** {@return codecs of bytes} */
    public static List<FramedCodec<byte[]>> pieces() {
        // @start region="bytes"
        var blobs = LengthPrefixed.of(Bytes.raw().withLimit(1 << 20)).withLimit(1 << 20);
        // @end region="bytes"
        // @start region="length-prefixed"
        var frames = LengthPrefixed.of(Bytes.raw()); // four bytes, the most significant first
        var messages = frames.withPrefix(LengthPrefixed.Prefix.VARINT); // as Protocol Buffers have it
        // @end region="length-prefixed"
        return List.of(blobs, frames, messages);
    }

    // @start region="struct"
    /** A record of a log file: 25 bytes. */
    public record Sample(long time, @Struct.Size(12) String sensor, float value, boolean valid) {
        /** Least significant bytes first. */
        public static final FramedCodec<Sample> CODEC =
                Struct.of(MethodHandles.lookup(), Sample.class).withOrder(ByteOrder.LITTLE_ENDIAN);
    }
    // @end region="struct"

    /** {@return a codec of lines that only who has the key can make} */
    public static FramedCodec<Sample> signed(SecretKey key) {
        // @start region="base64"
        var readable = Base64Text.of(Sample.CODEC).withChecksum(); // a line of text each
        var signed = Base64Text.of(Sample.CODEC).withSignature(key); // Base64Text.newKey() makes one
        // @end region="base64"
        return key.getAlgorithm().isEmpty() ? readable : signed;
    }

    /** {@return codecs of texts that are short on the wire} */
    public static List<FramedCodec<String>> compressed() {
        // @start region="compressed"
        var fast = Compressed.zlib(Text.utf8()).withLevel(Deflater.BEST_SPEED);
        var files = Compressed.gzip(text()).withLimit(1 << 20); // compressed or not: no bomb goes off
        // @end region="compressed"
        return List.of(fast, files);
    }

    /** {@return a codec of texts that nobody reads without the key} */
    public static FramedCodec<String> encrypted(SecretKey key) {
        // @start region="encrypted"
        var secret = LengthPrefixed.of(Encrypted.aesGcm(Text.utf8(), key));
        // @end region="encrypted"
        return secret;
    }

    /** {@return a codec of dates, as some library writes and reads them} */
    public static FramedCodec<LocalDate> dates() {
        // @start region="file-like"
        var dates = FileLike.<LocalDate>of(
                        source -> LocalDate.parse(new DataInputStream(source).readUTF()), // waits for what is to come
                        (date, target) -> new DataOutputStream(target).writeUTF(date.toString()))
                .withExpected(DateTimeParseException.class)
                .withName("dates");
        // @end region="file-like"
        return dates;
    }

    /** What only Java programs understand. */
    public record Job(String name, LocalDate due) implements Serializable {}

    /** {@return a codec of jobs} */
    public static FramedCodec<Job> jobs() {
        // @start region="serialized"
        var only = ObjectInputFilter.Config.createFilter(
                "maxdepth=4;" + Job.class.getName() + ";java.time.*;!*"); // no other class is even loaded
        var jobs = LengthPrefixed.of(Serialized.of(Job.class, only));
        // @end region="serialized"
        return jobs;
    }
}
