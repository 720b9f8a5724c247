package io.weir.local;

import java.util.LinkedHashMap;
import java.util.Map;

/** Every port that the platform listens on, all on loopback. */
record Ports(
        int console,
        int ingest,
        int sourceManagement,
        int processor,
        int sink,
        int deadLetterSink,
        int dataflow,
        int skipper,
        int kafka,
        int kafkaController,
        int clickhouse,
        int clickhouseNative,
        int postgresql,
        int smtp,
        int consoleManagement,
        int clickhouseGate) {

    /** The ports that people expect. */
    static final Ports USUAL =
            new Ports(8080, 8090, 8091, 8092, 8093, 8094, 9393, 7577, 9092, 9093, 8123, 9000, 5432, 2525, 8081, 8124);

    /** The usual ports for 0, else a row from there on. */
    static Ports of(int base) {
        return base == 0 ? USUAL : from(base);
    }

    /** A row of ports from the given one on, for a platform beside another. */
    static Ports from(int base) {
        if (base < 1024 || base > 65_000) {
            throw new Failure("--port-base " + base + " is not between 1024 and 65000");
        }
        return new Ports(
                base, base + 1, base + 2, base + 3, base + 4, base + 5, base + 10, base + 11, base + 12, base + 13,
                base + 14, base + 15, base + 16, base + 17, base + 6, base + 18);
    }

    /** The ports by what listens there. */
    Map<String, Integer> byName(Existing existing) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("console", console);
        ports.put("console management", consoleManagement);
        ports.put("ingest", ingest);
        ports.put("source-http management", sourceManagement);
        ports.put("processor-enrich", processor);
        ports.put("sink-clickhouse", sink);
        ports.put("dead-letters sink", deadLetterSink);
        ports.put("Data Flow", dataflow);
        ports.put("Skipper", skipper);
        if (existing.kafka() == null) {
            ports.put("Kafka", kafka);
            ports.put("Kafka controller", kafkaController);
        }
        if (existing.clickhouse() == null) {
            ports.put("ClickHouse HTTP", clickhouse);
            ports.put("ClickHouse native", clickhouseNative);
            ports.put("ClickHouse for BI tools", clickhouseGate);
        }
        if (existing.postgresql() == null) {
            ports.put("PostgreSQL", postgresql);
        }
        ports.put("mail", smtp);
        return ports;
    }
}
