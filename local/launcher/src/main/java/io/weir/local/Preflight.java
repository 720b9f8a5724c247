package io.weir.local;

import io.weir.local.clickhouse.ClickHouseEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What must hold before anything is started, each failure in one line. */
final class Preflight {

    private static final long LEAST_SPACE = 3L << 30;

    private Preflight() {}

    static void check(Home home, Ports ports, Existing existing) throws IOException {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            throw new Failure("the servers are built for Linux on x86-64; this is " + System.getProperty("os.name")
                    + " on " + System.getProperty("os.arch"));
        }
        List<String> tools = new ArrayList<>(List.of("setsid", "setpriv", "unshare", "tail"));
        if (existing.clickhouse() == null && !ClickHouseEngine.isFetched(ClickHouseEngine.defaultCache())) {
            tools.add("npm");
        }
        for (String tool : tools) {
            if (!isOnPath(tool)) {
                throw new Failure("the program '" + tool + "' is missing: install it ("
                        + (tool.equals("npm") ? "Node.js with npm" : "package util-linux or coreutils")
                        + ") and try again");
            }
        }
        if (!Files.isWritable(home.root())) {
            throw new Failure("the folder " + home.root() + " cannot be written to");
        }
        long space = Files.getFileStore(home.root()).getUsableSpace();
        if (space < LEAST_SPACE) {
            throw new Failure("only " + (space >> 20) + " MB are free in " + home.root() + "; at least "
                    + (LEAST_SPACE >> 20) + " MB are needed");
        }
        for (Map.Entry<String, Integer> port : ports.byName(existing).entrySet()) {
            if (isTaken(port.getValue())) {
                throw new Failure("port " + port.getValue() + " for " + port.getKey()
                        + " is taken: end what listens there, or choose other ports with --port-base");
            }
        }
    }

    private static boolean isOnPath(String tool) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    static boolean isTaken(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
