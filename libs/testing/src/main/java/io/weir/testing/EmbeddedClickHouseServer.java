package io.weir.testing;

import io.weir.local.clickhouse.Account;
import io.weir.local.clickhouse.ClickHouseEngine;
import io.weir.local.clickhouse.EmbeddedClickHouse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The engine in a child process, its data in a temporary folder. */
final class EmbeddedClickHouseServer extends ClickHouseServer {

    private final Path home;
    private final EmbeddedClickHouse server;

    EmbeddedClickHouseServer() {
        try {
            home = Files.createTempDirectory("weir-clickhouse");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = EmbeddedClickHouse.builder(ClickHouseEngine.fetch(), home)
                .httpPort(FreePorts.next())
                .tcpPort(FreePorts.next())
                .memory(2L << 30)
                .account(Account.admin(USERNAME, PASSWORD))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    @Override
    String kind() {
        return "embedded, process " + server.pid();
    }

    @Override
    public String url() {
        return server.url().toString();
    }

    @Override
    public String thisHost() {
        return "127.0.0.1";
    }

    @Override
    public void start() {
        server.start();
    }

    @Override
    public void stop() {
        server.stop();
    }

    @Override
    public void kill() {
        server.kill();
    }

    @Override
    public void suspend() {
        signal("STOP", server.pid());
    }

    @Override
    public void resume() {
        signal("CONT", server.pid());
    }

    @Override
    public void defineUsers(String name, List<String> sql, String xml) {
        EmbeddedClickHouse.writeUsers(home, name, xml);
        restart();
    }

    @Override
    public boolean hasUsersInFiles() {
        return true;
    }

    @Override
    public void close() {
        if (server.isRunning()) {
            server.kill();
        }
        if (!Files.exists(home)) {
            return;
        }
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
