package io.weir.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.clickhouse.ClickHouseContainer;
import org.testcontainers.containers.wait.strategy.HttpWaitStrategy;

/** ClickHouse's own image by Testcontainers, on a port that stays the same over restarts. */
final class ClickHouseContainerServer extends ClickHouseServer {

    private static final String IMAGE = "clickhouse/clickhouse-server:26.3";
    private static final int HTTP_PORT = 8123;
    private static final String HOST = "host.docker.internal";

    private final ClickHouseContainer container;
    private final int port;

    private ClickHouseContainerServer(ClickHouseContainer container, int port) {
        this.container = container;
        this.port = port;
    }

    /** Null where there is no Docker, or the image cannot be had; that is a failure if it must be a container. */
    static @Nullable ClickHouseServer ifDockerAnswers(boolean must) {
        boolean socket = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
        if (!must && !(socket && DockerClientFactory.instance().isDockerAvailable())) {
            return null;
        }
        int port = FreePorts.next();
        ClickHouseContainer container =
                new ClickHouseContainer(IMAGE).withUsername(USERNAME).withPassword(PASSWORD);
        container.withExtraHost(HOST, "host-gateway");
        container.setPortBindings(List.of("127.0.0.1:" + port + ":" + HTTP_PORT));
        try {
            container.start();
        } catch (RuntimeException e) {
            if (must) {
                throw e;
            }
            System.out.println(
                    "ClickHouse for tests: Docker answers, but " + IMAGE + " does not start: " + e.getMessage());
            return null;
        }
        return new ClickHouseContainerServer(container, port);
    }

    @Override
    String kind() {
        return "container of " + IMAGE;
    }

    @Override
    public String url() {
        return "http://" + container.getHost() + ":" + port;
    }

    @Override
    public String thisHost() {
        return HOST;
    }

    @Override
    public void start() {
        if (!Boolean.TRUE.equals(container.getCurrentContainerInfo().getState().getRunning())) {
            container
                    .getDockerClient()
                    .startContainerCmd(container.getContainerId())
                    .exec();
        }
        new HttpWaitStrategy()
                .forPort(HTTP_PORT)
                .forPath("/ping")
                .withStartupTimeout(Duration.ofSeconds(60))
                .waitUntilReady(container);
    }

    @Override
    public void stop() {
        container.getDockerClient().stopContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void kill() {
        container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void suspend() {
        container
                .getDockerClient()
                .pauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void resume() {
        container
                .getDockerClient()
                .unpauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void defineUsers(String name, List<String> sql, String xml) {
        sql.forEach(this::query);
    }

    @Override
    public boolean hasUsersInFiles() {
        return false;
    }

    @Override
    public void close() {
        container.stop();
    }
}
