package io.weir.source.http.access;

import io.weir.event.Headers;
import io.weir.metadata.key.ApiKey;
import io.weir.metadata.key.Network;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Who sends a request: an API key, and what is made from it once for all its requests. */
public final class Sender {

    private final ApiKey key;
    private final List<Network> networks;
    private final Header tenantHeader;
    private final Allowance allowance;

    Sender(ApiKey key, Allowance allowance) {
        this.key = key;
        this.networks = Network.parseList(key.networks());
        this.tenantHeader = new RecordHeader(Headers.TENANT, key.tenant().getBytes(StandardCharsets.UTF_8));
        this.allowance = allowance;
    }

    public String tenant() {
        return key.tenant();
    }

    /** The name of the key: the source of its events that name none. */
    public String name() {
        return key.name();
    }

    public Header tenantHeader() {
        return tenantHeader;
    }

    public Allowance allowance() {
        return allowance;
    }

    boolean isActive(Instant now) {
        return key.isActive(now);
    }

    boolean maySendFrom(InetAddress address) {
        return networks.isEmpty() || networks.stream().anyMatch(network -> network.contains(address));
    }
}
