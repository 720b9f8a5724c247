package io.weir.alert.channel;

import io.weir.alert.deliver.DeliveryException;
import io.weir.metadata.key.Network;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Keeps channels from reaching what is not public: the platform's own services, cloud metadata, the neighbours. Looks at the
 * address that a name resolves to, and gives exactly that one to connect to, so that a second look-up cannot give another.
 */
public final class AddressGuard {

    // Of IPv6, 2000::/3 is public, but for parts of it.
    private static final List<Network> NOT_PUBLIC = Network.parseList("0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,"
            + "169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,"
            + "198.51.100.0/24,203.0.113.0/24,224.0.0.0/3,"
            + "::/3,2001::/23,2001:db8::/32,2002::/16,3fff::/20,4000::/2,8000::/1");

    /** Looks names up. */
    interface Names {
        InetAddress[] find(String host) throws UnknownHostException;
    }

    private final List<Network> allowed;
    private final Names names;

    /** @param allowed blocks that may be reached although they are not public */
    public AddressGuard(List<Network> allowed) {
        this(allowed, InetAddress::getAllByName);
    }

    AddressGuard(List<Network> allowed, Names names) {
        this.allowed = List.copyOf(allowed);
        this.names = names;
    }

    /**
     * The address to connect to.
     *
     * @throws DeliveryException if the name does not resolve, or any of its addresses must not be reached
     */
    InetAddress resolve(String host) throws DeliveryException {
        InetAddress[] addresses;
        try {
            addresses = names.find(host);
        } catch (UnknownHostException e) {
            throw DeliveryException.unanswered("host '" + host + "' is not known");
        }
        for (InetAddress address : addresses) {
            if (!mayReach(address)) {
                throw DeliveryException.refused("host '" + host + "' is at " + address.getHostAddress()
                        + ", which is not a public address: weir.alert.allowed-networks does not allow it");
            }
        }
        return addresses[0];
    }

    private boolean mayReach(InetAddress address) {
        return allowed.stream().anyMatch(network -> network.contains(address))
                || NOT_PUBLIC.stream().noneMatch(network -> network.contains(address));
    }
}
