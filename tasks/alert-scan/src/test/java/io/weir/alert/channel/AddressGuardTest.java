package io.weir.alert.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import io.weir.alert.deliver.DeliveryException;
import io.weir.metadata.key.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tenant may write for an address so that the platform's own services are asked. */
class AddressGuardTest {

    private final AddressGuard guard = new AddressGuard(List.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1",
                "2130706433",
                "0",
                "0.0.0.0",
                "10.1.2.3",
                "172.31.255.255",
                "192.168.0.1",
                "100.64.0.1",
                "169.254.169.254",
                "192.0.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "localhost",
                "::",
                "::1",
                "0:0:0:0:0:0:0:1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:7f00:1",
                "::ffff:169.254.169.254",
                "::ffff:0:127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b:1::a9fe:a9fe",
                "2002:7f00:1::",
                "2001:0:7f00:1::",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "4000::1"
            })
    void whatIsNotPublicIsRefused(String host) {
        assertThatExceptionOfType(DeliveryException.class)
                .isThrownBy(() -> guard.resolve(host))
                .withMessageContaining("is not a public address");
    }

    /** Some systems read these as 127.0.0.1. What is connected to is what the guard has seen, however it is read here. */
    @ParameterizedTest
    @ValueSource(
            strings = {"0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "0300.0250.0.1"
            })
    void aNumberOfAnotherBaseLeadsNowhereElse(String host) {
        InetAddress found;
        try {
            found = guard.resolve(host);
        } catch (DeliveryException e) {
            assertThat(e).hasMessageMatching(".*(is not a public address|is not known).*");
            return;
        }
        assertThat(found.isLoopbackAddress() || found.isSiteLocalAddress()).isFalse();
    }

    @Test
    void whatIsPublicAndWhatIsAllowedMayBeReached() throws Exception {
        assertThat(guard.resolve("8.8.8.8").getHostAddress()).isEqualTo("8.8.8.8");
        assertThat(guard.resolve("::ffff:8.8.8.8").getHostAddress()).isEqualTo("8.8.8.8");
        assertThat(guard.resolve("2606:4700:4700::1111")).isNotNull();
        AddressGuard lenient = new AddressGuard(Network.parseList("10.1.0.0/16,fd00::/8"));
        assertThat(lenient.resolve("10.1.2.3")).isNotNull();
        assertThat(lenient.resolve("fd00::1")).isNotNull();
        assertThatExceptionOfType(DeliveryException.class).isThrownBy(() -> lenient.resolve("10.2.0.1"));
    }

    /** A name that is public when it is looked at, and something else as soon as it is connected to. */
    @Test
    void aNameThatChangesItsAddressIsConnectedToWhereItWasSeen() throws Exception {
        InetAddress seen = InetAddress.getByName("127.0.0.1");
        Queue<InetAddress> answers = new ArrayDeque<>(List.of(seen, InetAddress.getByName("127.0.0.2")));
        AddressGuard rebound = new AddressGuard(
                Network.parseList("127.0.0.1/32"), host -> new InetAddress[] {Objects.requireNonNull(answers.poll())});
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(seen, 0), 1);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestHeaders().getFirst("Host"));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        String address = "http://rebind.example:" + server.getAddress().getPort();
        try (HttpPost post = new HttpPost(rebound, Duration.ofSeconds(10), true)) {
            post.json(address + "/", Map.of(), "{}");
            assertThat("http://" + asked.get(0)).isEqualTo(address);
            assertThat(answers)
                    .as("looked up once, for the guard and the connection")
                    .hasSize(1);
            assertThatExceptionOfType(DeliveryException.class)
                    .isThrownBy(() -> post.json(address + "/", Map.of(), "{}"))
                    .withMessageContaining("127.0.0.2, which is not a public address");
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1/",
                "https://127.1/",
                "https://2130706433/",
                "https://[::1]/",
                "https://[::ffff:127.0.0.1]:8443/",
                "https://[fe80::1%25eth0]/",
                "https://localhost/",
                "https://LOCALHOST:9393/tasks",
                "https://user@8.8.8.8/",
                "https://8.8.8.8@127.0.0.1/",
                "https://8.8.8.8\\@127.0.0.1/",
                "https://127\u30020\u30020\u30021/",
                "http://8.8.8.8/",
                "file:///etc/passwd",
                "gopher://127.0.0.1/",
                "https:///path",
                "//127.0.0.1/",
                "",
                "https://127.0.0.1:99999/",
                "https://8.8.8.8:99999/"
            })
    void noAddressOfAChannelLeadsInside(String address) {
        try (HttpPost post = new HttpPost(guard, Duration.ofSeconds(2), false)) {
            assertThatExceptionOfType(DeliveryException.class)
                    .isThrownBy(() -> post.json(address, Map.of(), "{}"))
                    .withMessageMatching("(settings\\.url |host .* is (not a public address|not known)).*");
        }
    }
}
