package io.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is running, as far as it can be seen from outside at this moment.
 *
 * @param missing what keeps it from being ready, in words; nothing if it is
 */
record PlatformStatus(
        List<String> missing,
        String phase,
        Map<String, String> addresses,
        List<Streams.Stream> streams,
        List<Running> processes) {

    /** A process; the number is -1 if it is not running at the moment. */
    record Running(String name, long pid, int restarts) {}

    boolean ready() {
        return missing.isEmpty();
    }

    static PlatformStatus of(Home home) {
        if (!home.exists() || Leftovers.find(home, Supervisor.NAME).isEmpty()) {
            return new PlatformStatus(List.of("the platform is stopped"), "stopped", Map.of(), List.of(), List.of());
        }
        Ports ports = home.ports(null);
        String phase = "starting";
        List<Running> processes = new ArrayList<>();
        Path state = home.run("state.json");
        if (Files.exists(state)) {
            JsonNode json = JsonMapper.shared().readTree(read(state));
            phase = json.path("phase").asString();
            for (JsonNode node : json.path("processes")) {
                long pid = node.path("pid").asLong();
                processes.add(new Running(
                        node.path("name").asString(),
                        isAlive(pid) ? pid : -1,
                        node.path("restarts").asInt()));
            }
        }
        List<String> missing = new ArrayList<>();
        if (!phase.equals("ready")) {
            missing.add("the platform is " + phase);
        }
        for (RunningApps.App app : RunningApps.list(home)) {
            processes.add(new Running(app.name(), app.isAlive() ? app.pid() : -1, app.restarts()));
        }
        processes.stream()
                .filter(process -> process.pid() < 0)
                .forEach(process -> missing.add(process.name() + " is down"));
        List<Streams.Stream> streams = List.of();
        try {
            streams = new Streams("http://127.0.0.1:" + ports.dataflow()).list();
            if (streams.isEmpty()) {
                missing.add("no stream is deployed");
            }
            streams.stream()
                    .filter(stream -> !stream.status().equals("deployed"))
                    .forEach(stream -> missing.add("stream " + stream.name() + " is " + stream.status()));
        } catch (IOException e) {
            missing.add("Data Flow does not answer, so the streams are not known");
        }
        if (missing.isEmpty()) {
            Map<String, String> probes = new LinkedHashMap<>();
            probes.put("console", ports.console() + "/readyz");
            probes.put("events.source-http", ports.ingest() + "/readyz");
            probes.put("events.sink-clickhouse", ports.sink() + "/actuator/health/readiness");
            probes.forEach((name, probe) -> {
                if (!Servers.answers("http://127.0.0.1:" + probe)) {
                    missing.add(name + " does not say that it is ready");
                }
            });
        }
        return new PlatformStatus(
                missing, phase, new Servers(home, ports, Installation.current()).addresses(), streams, processes);
    }

    private static boolean isAlive(long pid) {
        return pid > 0 && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ready", ready());
        json.put("missing", missing);
        json.put("addresses", addresses);
        json.put("streams", streams);
        json.put("processes", processes);
        return JsonMapper.shared().writeValueAsString(json);
    }

    String toText() {
        StringBuilder text = new StringBuilder();
        text.append(ready() ? "ready" : phase.equals("ready") ? "not ready" : phase)
                .append('\n');
        if (!phase.equals("stopped")) {
            missing.forEach(what -> text.append("  ! ").append(what).append('\n'));
        }
        addresses.forEach((name, address) -> text.append(String.format("  %-12s %s%n", name, address)));
        streams.forEach(stream -> text.append(
                String.format("  stream %-16s %-12s %s%n", stream.name(), stream.status(), stream.definition())));
        processes.forEach(process -> text.append(String.format(
                "  process %-28s %-10s restarts %d%n",
                process.name(), process.pid() < 0 ? "down" : "pid " + process.pid(), process.restarts())));
        return text.toString();
    }
}
