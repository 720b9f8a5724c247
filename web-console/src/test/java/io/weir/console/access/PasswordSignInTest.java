package io.weir.console.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PasswordSignInTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "10.0.0.1, 10.0.0.1",
                "::ffff:10.0.0.1, 10.0.0.1",
                "2001:db8:1:2::9, 20010db800010002/64",
                "2001:db8:1:2:ffff::1, 20010db800010002/64",
                "[2001:db8:1:2::9], 20010db800010002/64",
                "fe80:0:0:0:0:0:0:1%eth0, fe80000000000000/64",
                "localhost, unknown",
                "010.0.0.01, 10.0.0.1",
                "999.1.1.1, unknown",
                ".:1, unknown",
                "1.2.3, unknown",
                "'', unknown",
                "null, unknown",
            })
    void attemptsAreCountedByNetworkAndNoNameServerIsAsked(String address, String network) {
        assertThat(PasswordSignIn.network(address)).isEqualTo(network);
    }
}
