package io.weir.metadata.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,     10.255.1.2,     true",
        "10.0.0.0/8,     11.0.0.1,       false",
        "192.168.1.7,    192.168.1.7,    true",
        "192.168.1.7,    192.168.1.8,    false",
        "10.1.2.128/25,  10.1.2.127,     false",
        "10.1.2.128/25,  10.1.2.200,     true",
        "0.0.0.0/0,      8.8.8.8,        true",
        "0.0.0.0/0,      2001:db8::1,    false",
        "2001:db8::/33,  2001:db8:1::1,  true",
        "2001:db8::/33,  2001:db8:8000::1, false",
        "10.0.0.0/8,     ::ffff:10.1.1.1, true",
    })
    void anAddressIsInsideOrOutsideABlock(String block, String address, boolean inside) throws Exception {
        assertThat(Network.parse(block).contains(InetAddress.getByName(address)))
                .isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::1/129", "10.0.0.0/x", "1.2.3.4.5"})
    void whatIsNotABlockIsRefusedByName(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @Test
    void anEmptyListHasNoBlocks() {
        assertThat(Network.parseList("")).isEmpty();
        assertThat(Network.parseList("10.0.0.0/8, ::1")).hasSize(2);
    }
}
