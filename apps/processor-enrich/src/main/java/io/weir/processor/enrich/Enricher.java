package io.weir.processor.enrich;

import io.weir.event.ByteSink;
import io.weir.event.Event;
import io.weir.event.EventReader;
import io.weir.event.EventWriter;
import io.weir.event.Field;
import io.weir.event.Headers;
import io.weir.event.Reason;
import io.weir.event.Rejection;
import io.weir.event.Stage;
import io.weir.processor.enrich.log.LogFormat;
import io.weir.processor.enrich.log.LogLines;
import io.weir.processor.enrich.request.Endpoints;
import io.weir.processor.enrich.text.ByteBuilder;
import io.weir.processor.enrich.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an ingest record into the one record that follows from it: an enriched event, or a dead letter.
 *
 * <p>What it gives depends on the record (bytes, headers, topic, partition, offset, timestamp) and the settings alone: not
 * on the clock, not on the records before. It throws for no record whatever is in it; an error of its own makes a dead
 * letter of the one record that it met. Not thread-safe: the buffers are used again for each record.
 */
public final class Enricher {
    private static final Logger log = LoggerFactory.getLogger(Enricher.class);

    private static final String PROCESSOR_ERROR = "processor_error";
    private static final byte[] AT_SOURCE = ascii("source");
    private static final byte[] AT_PROCESSOR = ascii("processor");
    private static final byte[] NOTHING = {};
    private static final int LONGEST_DETAIL = 1024;
    private static final int KEPT_OF_TOO_LARGE = 256 * 1024;
    /** What a record of other systems may bring besides its value, so that what is written of it always fits. */
    private static final int MOST_FOREIGN_HEADERS = 64 << 10;

    private static final int LONGEST_KEY = 1 << 10;

    private final EnrichSettings settings;
    private final LogLines lines;
    private final EventReader reader;
    private final Event event = new Event();
    private final Normaliser normaliser;
    private final ByteSink sink = new ByteSink();
    private final IngestHeaders headers;

    /** @throws IllegalArgumentException if a template of the settings is malformed */
    public Enricher(EnrichSettings settings) {
        this(settings, LogLines.of(settings.limits(), settings.syslogZone(), settings.keepRawLine()));
    }

    Enricher(EnrichSettings settings, LogLines lines) {
        this.settings = settings;
        this.lines = lines;
        reader = new EventReader(settings.limits(), Stage.INGEST);
        normaliser = new Normaliser(
                event,
                new Endpoints(settings.endpointTemplates()),
                settings.limits().maxAttributes());
        headers = new IngestHeaders(settings.defaultTenant());
    }

    /**
     * @param partition the output partition of an event; null to choose by key
     * @param tally is told what became of the record
     * @return the record to send; an event goes to the output topic, anything else to the dead letters
     */
    public ProducerRecord<byte[], byte[]> enrich(
            ConsumerRecord<byte[], byte[]> ingested, @Nullable Integer partition, Tally tally) {
        headers.read(ingested);
        byte[] value = ingested.value() == null ? NOTHING : ingested.value();
        byte @Nullable [] refused = headers.reason();
        if (refused != null) {
            return relay(ingested, value, refused, tally);
        }
        try {
            @Nullable Rejection rejection = read(value);
            if (rejection == null) {
                normaliser.end(headers.id(), headers.tenant(), headers.source(), headers.receivedAt());
                sink.reset();
                EventWriter.write(event, sink);
                if (sink.size() > settings.maximumRecordBytes()) {
                    rejection = new Rejection(
                            Reason.TOO_LARGE,
                            null,
                            "the event has " + sink.size() + " bytes after enrichment; at most "
                                    + settings.maximumRecordBytes() + " can be written",
                            -1);
                }
            }
            if (rejection != null) {
                return deadLetter(ingested, value, rejection, tally);
            }
            tally.event(normaliser.kind(), sink.size());
            return new ProducerRecord<>(settings.outputTopic(), partition, key(ingested), sink.copy());
        } catch (RuntimeException | StackOverflowError e) {
            log.error(
                    "{}-{}@{} met an error of the processor and becomes a dead letter",
                    ingested.topic(),
                    ingested.partition(),
                    ingested.offset(),
                    e);
            Rejection rejection =
                    new Rejection(PROCESSOR_ERROR, null, e.getClass().getName(), -1);
            return deadLetter(ingested, value, rejection, tally);
        }
    }

    private @Nullable Rejection read(byte[] value) {
        event.clear();
        @Nullable LogFormat format = headers.format();
        normaliser.begin(format != null);
        @Nullable
        Rejection rejection = format == null
                ? reader.read(value, 0, value.length, headers.receivedAt(), normaliser)
                : lines.read(format, value, 0, value.length, headers.receivedAt(), normaliser);
        if (rejection == null && normaliser.hasTooMany()) {
            return new Rejection(
                    Reason.TOO_MANY,
                    Field.ATTRIBUTES.json(),
                    "has more than " + settings.limits().maxAttributes() + " members",
                    -1);
        }
        return rejection;
    }

    /** The key of the ingest record, so that the order of a source is kept; other systems may send none. */
    private byte[] key(ConsumerRecord<byte[], byte[]> ingested) {
        if (ingested.key() != null && ingested.key().length <= LONGEST_KEY) {
            return ingested.key();
        }
        ByteBuilder key = new ByteBuilder(64).append(headers.tenant()).append('/');
        byte @Nullable [] source = headers.source();
        return (source == null ? key : key.append(source)).toBytes();
    }

    private ProducerRecord<byte[], byte[]> relay(
            ConsumerRecord<byte[], byte[]> ingested, byte[] value, byte[] reason, Tally tally) {
        byte @Nullable [] detail = headers.detail();
        return deadLetter(
                ingested, value, AT_SOURCE, reason, detail == null ? NOTHING : detail, headers.field(), tally);
    }

    private ProducerRecord<byte[], byte[]> deadLetter(
            ConsumerRecord<byte[], byte[]> ingested, byte[] value, Rejection rejection, Tally tally) {
        byte[] detail = rejection.detail().getBytes(StandardCharsets.UTF_8);
        @Nullable String field = rejection.field();
        return deadLetter(
                ingested,
                value,
                AT_PROCESSOR,
                rejection.reason().getBytes(StandardCharsets.UTF_8),
                Arrays.copyOf(detail, Utf8.cut(detail, 0, detail.length, LONGEST_DETAIL)),
                field == null ? null : field.getBytes(StandardCharsets.UTF_8),
                tally);
    }

    private ProducerRecord<byte[], byte[]> deadLetter(
            ConsumerRecord<byte[], byte[]> ingested,
            byte[] value,
            byte[] stage,
            byte[] reason,
            byte[] detail,
            byte @Nullable [] field,
            Tally tally) {
        byte[] kept = value;
        byte[] said = detail;
        if (value.length > settings.maximumRecordBytes()) {
            kept = Arrays.copyOf(value, Math.min(KEPT_OF_TOO_LARGE, settings.maximumRecordBytes()));
            said = new ByteBuilder(detail.length + 64)
                    .append(detail)
                    .appendAscii(" (the first " + kept.length + " of " + value.length + " bytes are kept)")
                    .toBytes();
        }
        RecordHeaders written = new RecordHeaders();
        int foreign = 0;
        for (Header header : ingested.headers()) {
            if (!IngestHeaders.isOwn(header.key())) {
                foreign += header.key().length() * 3 + (header.value() == null ? 0 : header.value().length);
                if (foreign <= MOST_FOREIGN_HEADERS) {
                    written.add(header);
                }
            }
        }
        if (foreign > MOST_FOREIGN_HEADERS) {
            said = new ByteBuilder(said.length + 64)
                    .append(said)
                    .appendAscii(" (headers of others beyond " + MOST_FOREIGN_HEADERS + " bytes are left out)")
                    .toBytes();
        }
        written.add(Headers.ID, headers.id());
        written.add(Headers.TENANT, headers.tenant());
        written.add(Headers.RECEIVED_AT, headers.receivedAtText());
        add(written, Headers.REQUEST_ID, headers.requestId());
        written.add(Headers.CONTENT_TYPE, headers.contentType());
        add(written, Headers.SOURCE, headers.source());
        written.add(Headers.STAGE, stage);
        written.add(Headers.REASON, reason);
        written.add(Headers.DETAIL, said);
        add(written, Headers.FIELD, field);
        add(written, Headers.POSITION, headers.position());
        written.add(
                Headers.ORIGIN,
                (ingested.topic() + '-' + ingested.partition() + '@' + ingested.offset())
                        .getBytes(StandardCharsets.UTF_8));
        tally.deadLetter(new String(reason, StandardCharsets.UTF_8));
        return new ProducerRecord<>(settings.deadLetterTopic(), null, null, headers.tenant(), kept, written);
    }

    private static void add(RecordHeaders headers, String name, byte @Nullable [] value) {
        if (value != null) {
            headers.add(name, value);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
