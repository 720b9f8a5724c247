package io.weir.retention;

import static io.weir.metadata.retention.RetainedTable.EVENTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.retention.ArchivedTable.Content;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Archives in something that speaks like S3, on this host, where ClickHouse reaches it. */
class S3ArchiveIT {

    private static Process s3;
    private static String mock;
    private static String endpoint;

    private final Store store = new Store();

    S3ArchiveIT() throws InterruptedException, IOException {}

    @BeforeAll
    static void start() throws IOException {
        int port = FreePorts.next();
        mock = "http://127.0.0.1:" + port;
        endpoint = "http://" + ClickHouseServer.shared().thisHost() + ":" + port;
        s3 = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        Path.of("target", "s3mock.jar").toString(),
                        "--server.port=" + FreePorts.next(),
                        "--com.adobe.testing.s3mock.httpPort=" + port,
                        "--com.adobe.testing.s3mock.store.initial-buckets=weir")
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "s3mock.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> status("/weir") == 200);
    }

    @AfterAll
    static void stop() {
        s3.destroyForcibly();
    }

    @Test
    void aDayGoesToABucketAndComesBack() throws Exception {
        store.events(1, 2_000, 40, "acme,beta");
        store.rollUp();
        Content all = store.live(EVENTS);
        try (Task task = new Task(
                store,
                store.url(),
                "--weir.retention.archive=s3://weir/by/keys",
                "--weir.retention.rows-per-file=1000",
                "--weir.retention.s3.endpoint=" + endpoint,
                "--weir.retention.s3.access-key-id=key",
                "--weir.retention.s3.secret-access-key=secret")) {
            task.complete();

            assertThat(store.live(EVENTS)).isEqualTo(Content.EMPTY);
            assertThat(Manifest.content(store.manifest.in(Manifest.State.DROPPED)))
                    .isEqualTo(all);
            for (Manifest.Entry entry : store.manifest.in(Manifest.State.DROPPED)) {
                assertThat(status("/weir/by/keys/" + entry.file()))
                        .as(entry.file())
                        .isEqualTo(200);
            }
            assertThat(store.query("EXISTS TABLE " + store.database + ".events_archive"))
                    .as("a view that would hold the keys")
                    .isEqualTo("0");

            task.complete("weir.retention.restore=events:" + store.partition(40));
            assertThat(store.live(EVENTS)).isEqualTo(all);
        }
    }

    @Test
    void keysMayStayWithClickHouse() throws Exception {
        store.query("CREATE NAMED COLLECTION " + store.database + "_s3 AS url = '" + endpoint
                + "/weir/', access_key_id = 'key', secret_access_key = 'secret'");
        store.events(1, 500, 40, "acme,beta");
        store.rollUp();
        Content all = store.live(EVENTS);
        try (Task task = new Task(
                store,
                store.url(),
                "--weir.retention.archive=s3://weir/by/name",
                "--weir.retention.s3.named-collection=" + store.database + "_s3")) {
            task.complete();

            store.assertBooksClose(EVENTS, all);
            assertThat(store.archived(EVENTS)).isEqualTo(all);
            assertThat(store.query("SHOW CREATE TABLE " + store.database + ".events_archive"))
                    .doesNotContain("secret");
        }
    }

    private static int status(String path) throws IOException {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(mock + path))
                                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
